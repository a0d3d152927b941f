#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace jsonstat {

using Counts = std::map<std::string, unsigned>;

inline void add(const nlohmann::json &value, Counts &counts) {
  ++counts[value.type_name()];
  if (value.is_structured()) {
    for (const auto &child : value) add(child, counts);
  }
}

inline Counts count(const nlohmann::json &value) {
  Counts counts;
  add(value, counts);
  return counts;
}

}  // namespace jsonstat

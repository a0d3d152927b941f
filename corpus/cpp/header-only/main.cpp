// Says what a JSON text on the command line is made of.
#include "statistics.hpp"

#include <iostream>

int main(int count, char **arguments) {
  if (count != 2) {
    std::cerr << "usage: jsonstat '<json>'\n";
    return 2;
  }
  try {
    const auto value = nlohmann::json::parse(arguments[1]);
    for (const auto &[name, times] : jsonstat::count(value)) {
      std::cout << name << ": " << times << '\n';
    }
  } catch (const nlohmann::json::parse_error &error) {
    std::cerr << "jsonstat: byte " << error.byte << " is wrong\n";
    return 1;
  }
}

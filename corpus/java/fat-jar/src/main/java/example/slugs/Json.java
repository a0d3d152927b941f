package example.slugs;

import java.util.Map;
import java.util.stream.Collectors;
import org.apache.commons.lang3.StringEscapeUtils;

public class Json implements Format {
    @Override
    public String name() {
        return "json";
    }

    @Override
    @SuppressWarnings("deprecation")
    public String write(Map<String, String> slugsByTitle) {
        return slugsByTitle.entrySet().stream()
                .map(each -> "  \"%s\": \"%s\"".formatted(each.getValue(), StringEscapeUtils.escapeJson(each.getKey())))
                .collect(Collectors.joining(",\n", "{\n", "\n}"));
    }
}

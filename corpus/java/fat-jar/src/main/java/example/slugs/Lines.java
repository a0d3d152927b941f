package example.slugs;

import java.util.Map;

public class Lines implements Format {
    @Override
    public String name() {
        return "lines";
    }

    @Override
    public String write(Map<String, String> slugsByTitle) {
        return String.join("\n", slugsByTitle.values());
    }
}

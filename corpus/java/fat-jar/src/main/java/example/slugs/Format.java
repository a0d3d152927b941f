package example.slugs;

import java.util.Map;

/** How slugs are written; found by {@link java.util.ServiceLoader}. */
public interface Format {
    String name();

    String write(Map<String, String> slugsByTitle);
}

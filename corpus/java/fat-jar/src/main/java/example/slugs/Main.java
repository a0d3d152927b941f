package example.slugs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.HelpFormatter;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;
import org.apache.commons.lang3.StringUtils;

/** Makes the last part of an address out of each title of a file. */
public final class Main {
    private static final Options OPTIONS = new Options()
            .addOption("f", "format", true, "lines or json")
            .addOption("o", "out", true, "write into this file")
            .addOption("h", "help", false, "show this");

    public static void main(String[] arguments) throws IOException {
        try {
            CommandLine line = new DefaultParser().parse(OPTIONS, arguments);
            if (line.hasOption("help") || line.getArgList().isEmpty()) {
                new HelpFormatter().printHelp("slugs [options] file", OPTIONS);
                return;
            }
            String text = format(line.getOptionValue("format", "lines")).write(slugs(Path.of(line.getArgList().get(0))));
            if (line.hasOption("out")) {
                Path out = Path.of(line.getOptionValue("out"));
                Files.writeString(out, text + "\n");
                System.out.println(System.getProperty("user.name") + " wrote " + out.toAbsolutePath());
            } else {
                System.out.println(text);
            }
        } catch (NoSuchFileException error) {
            System.err.println("slugs: no file " + error.getFile());
            System.exit(1);
        } catch (ParseException error) {
            System.err.println("slugs: " + error.getMessage());
            System.exit(2);
        }
    }

    private static Format format(String name) throws ParseException {
        for (Format each : ServiceLoader.load(Format.class)) {
            if (each.name().equals(name)) {
                return each;
            }
        }
        throw new ParseException("no format " + name);
    }

    private static Map<String, String> slugs(Path file) throws IOException {
        Map<String, String> slugs = new LinkedHashMap<>();
        for (String title : Files.readAllLines(file)) {
            String plain = StringUtils.stripAccents(title).toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", " ");
            slugs.put(title, StringUtils.normalizeSpace(plain).replace(' ', '-'));
        }
        return slugs;
    }
}

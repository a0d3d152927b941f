package example.shelf;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.util.stream.Stream;
import org.junit.Test;

public class ShelfTest {
  @Test
  public void sortsBySignature() {
    Shelf shelf = Shelf.of(Stream.of("b;Two;Y", "", "a;One;X"));
    assertEquals("<li>X, <i>One</i></li>\n<li>Y, <i>Two</i></li>", shelf.rows());
  }

  @Test
  public void refusesWhatIsNoBook() {
    assertThrows(IllegalArgumentException.class, () -> Book.parse("lonely"));
  }
}

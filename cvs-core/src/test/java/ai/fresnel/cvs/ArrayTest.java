package ai.fresnel.cvs;

import ai.djl.ndarray.NDManager;
import org.junit.jupiter.api.AfterEach;

/** A test with a manager that owns its arrays and is closed after each test. */
public abstract class ArrayTest {

  protected final NDManager manager = NDManager.newBaseManager();

  @AfterEach
  protected final void closeManager() {
    manager.close();
  }
}

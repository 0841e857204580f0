package ai.fresnel.cvs.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SharedArraysTest {

  private final NDManager manager = TorchRuntime.newManager(Device.cpu());
  private final SharedArrays shared = new SharedArrays("model", manager);

  @Test
  void closingWaitsForOtherThreadsAndRefusesNewOnes() throws Exception {
    CountDownLatch closing = new CountDownLatch(1);
    Thread closer;
    try (SharedArrays.Use use = shared.use()) {
      closer =
          new Thread(
              () -> {
                closing.countDown();
                shared.close();
                assertFalse(manager.isOpen());
              });
      closer.start();
      closing.await();
      while (closer.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
      assertEquals(
          "model is closed", assertThrows(IllegalStateException.class, shared::use).getMessage());
      assertEquals(3, use.manager().ones(new Shape(3)).sum().getFloat());
    }
    closer.join();
    assertFalse(manager.isOpen());
    shared.close();
  }

  /** A callback of a drawing call closes: waiting for that call would last for ever. */
  @Test
  void closingFromInsideLeavesFreeingToTheLastUse() throws Exception {
    SharedArrays.Use other = onAnotherThread();
    try (SharedArrays.Use outer = shared.use();
        SharedArrays.Use inner = shared.use()) {
      shared.close();
      assertTrue(outer.manager().isOpen() && inner.manager().isOpen() && manager.isOpen());
    }
    assertTrue(manager.isOpen());
    other.close();
    other.close();
    assertFalse(manager.isOpen());
  }

  @Test
  void anInterruptedThreadDoesNotWait() throws Exception {
    SharedArrays.Use other = onAnotherThread();
    Thread.currentThread().interrupt();
    shared.close();
    assertTrue(Thread.interrupted(), "the interrupt is kept");
    assertTrue(manager.isOpen());
    other.close();
    assertFalse(manager.isOpen());
  }

  private SharedArrays.Use onAnotherThread() throws InterruptedException {
    SharedArrays.Use[] use = new SharedArrays.Use[1];
    Thread thread = new Thread(() -> use[0] = shared.use());
    thread.start();
    thread.join();
    return use[0];
  }
}

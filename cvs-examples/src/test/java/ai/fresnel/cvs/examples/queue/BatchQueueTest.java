package ai.fresnel.cvs.examples.queue;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tests the queue with passes that wait until they are let go. */
@Timeout(20)
class BatchQueueTest {

  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch go = new CountDownLatch(1);
  private final List<List<Integer>> passes = Collections.synchronizedList(new ArrayList<>());

  private BatchQueue<Integer, Integer> queue(int capacity, int batch) {
    return new BatchQueue<>(this::doubled, capacity, batch, (items, nanoseconds) -> {});
  }

  private List<Integer> doubled(List<Integer> items) {
    passes.add(List.copyOf(items));
    begun.countDown();
    try {
      go.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (items.contains(13)) {
      throw new IllegalArgumentException("13");
    }
    return items.stream().map(item -> 2 * item).toList();
  }

  @Test
  void whatWaitsSharesThePass() throws Exception {
    try (BatchQueue<Integer, Integer> queue = queue(10, 4)) {
      List<CompletableFuture<Integer>> futures = new ArrayList<>(queue.submit(List.of(1)));
      begun.await();
      futures.addAll(queue.submit(List.of(2, 3)));
      futures.addAll(queue.submit(List.of(4, 5, 6)));
      go.countDown();
      assertEquals(
          List.of(2, 4, 6, 8, 10, 12), futures.stream().map(CompletableFuture::join).toList());
      assertEquals(List.of(List.of(1), List.of(2, 3, 4, 5), List.of(6)), passes);
    }
  }

  @Test
  void whatDoesNotFitIsRefusedWhole() throws Exception {
    try (BatchQueue<Integer, Integer> queue = queue(3, 4)) {
      queue.submit(List.of(1));
      begun.await();
      queue.submit(List.of(2, 3));
      BusyException e = assertThrows(BusyException.class, () -> queue.submit(List.of(4, 5)));
      assertEquals("too many views are waiting (2 of 3)", e.getMessage());
      assertEquals(1, queue.submit(List.of(6)).size());
      go.countDown();
    }
  }

  @Test
  void whatIsGivenUpCostsNoPass() throws Exception {
    try (BatchQueue<Integer, Integer> queue = queue(2, 4)) {
      queue.submit(List.of(1));
      begun.await();
      queue.submit(List.of(2, 3)).get(0).cancel(false);
      // The place of the one that was given up is free.
      CompletableFuture<Integer> last = queue.submit(List.of(4)).get(0);
      go.countDown();
      assertEquals(8, last.join());
      assertEquals(List.of(List.of(1), List.of(3, 4)), passes);
    }
  }

  @Test
  void oneMistakeIsNoOthersError() throws Exception {
    try (BatchQueue<Integer, Integer> queue = queue(9, 4)) {
      queue.submit(List.of(1));
      begun.await();
      List<CompletableFuture<Integer>> futures = queue.submit(List.of(12, 13, 14));
      go.countDown();
      assertEquals(24, futures.get(0).join());
      assertEquals(28, futures.get(2).join());
      CompletionException e = assertThrows(CompletionException.class, futures.get(1)::join);
      assertEquals("13", e.getCause().getMessage());
    }
  }

  @Test
  void closingEndsThePassAndRefusesTheRest() throws Exception {
    BatchQueue<Integer, Integer> queue = queue(9, 1);
    CompletableFuture<Integer> under = queue.submit(List.of(1)).get(0);
    begun.await();
    CompletableFuture<Integer> waits = queue.submit(List.of(2)).get(0);
    Thread closing = new Thread(queue::close);
    closing.start();
    CompletionException e = assertThrows(CompletionException.class, waits::join);
    assertInstanceOf(StoppingException.class, e.getCause());
    assertThrows(StoppingException.class, () -> queue.submit(List.of(3)));
    go.countDown();
    assertEquals(2, under.join());
    closing.join();
    assertTrue(passes.size() == 1);
  }
}

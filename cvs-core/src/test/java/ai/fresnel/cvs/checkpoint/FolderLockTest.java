package ai.fresnel.cvs.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One process writes a folder; others are refused, and processes that are gone block nobody. */
class FolderLockTest {

  @TempDir Path temporary;

  private Path folder() throws IOException {
    return Files.createDirectory(temporary.resolve("run"));
  }

  @Test
  void aLockLeavesNothing() throws IOException {
    Path folder = temporary.resolve("a").resolve("run");
    for (int i = 0; i < 2; i++) {
      FolderLock lock = FolderLock.of(folder);
      assertEquals(List.of(".lock"), names(folder));
      lock.close();
      lock.close();
      assertFalse(Files.exists(folder), "made for the lock");
    }
    Files.createDirectory(folder);
    FolderLock.of(folder).close();
    FolderLock.ofPart(folder, "shard-00000.tar").close();
    assertEquals(List.of(), names(folder));
    FolderLock.beside(folder).close();
    assertEquals(List.of("run"), names(folder.getParent()));
  }

  @Test
  void anotherProcessIsRefusedAndSeesWhoHoldsTheFolder() throws Exception {
    Path folder = folder();
    try (LockingProcess holder = LockingProcess.holding(folder)) {
      String message =
          assertThrows(FileSystemException.class, () -> FolderLock.of(folder)).getMessage();
      LockHolder here = LockHolder.current();
      assertTrue(
          message.startsWith(folder + ": is being written by process " + holder.pid() + " started"),
          message);
      assertTrue(
          message.endsWith(
              " on host "
                  + here.host()
                  + "; if that is wrong, delete "
                  + folder.toRealPath().resolve(".lock")),
          message);
      assertEquals(1, message.lines().count());
      FolderLock.ofPart(folder, "other").close();
    }
    FolderLock.of(folder).close();
    assertEquals(List.of(), names(folder));
  }

  @Test
  void oneOfManyThreadsHasIt() throws Exception {
    Path folder = folder();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger times = new AtomicInteger();
    Callable<Void> work =
        () -> {
          for (int i = 0; i < 200; i++) {
            try (FolderLock lock = FolderLock.of(folder)) {
              assertEquals(1, inside.incrementAndGet());
              times.incrementAndGet();
              inside.decrementAndGet();
            } catch (FileSystemException e) {
              assertTrue(e.getMessage().contains("another thread of this process"));
            }
          }
          return null;
        };
    for (Future<Void> one : threads.invokeAll(IntStream.range(0, 8).mapToObj(i -> work).toList())) {
      one.get();
    }
    threads.shutdown();
    assertTrue(times.get() >= 1);
    assertEquals(List.of(), names(folder));
  }

  @Test
  void aKilledProcessBlocksNobody() throws Exception {
    Path folder = folder();
    LockingProcess holder = LockingProcess.holding(folder);
    holder.kill();
    assertEquals(List.of(".lock"), names(folder), "what a kill leaves");
    try (FolderLock lock = FolderLock.of(folder)) {
      assertTrue(text(folder).startsWith("process " + ProcessHandle.current().pid() + " "));
    }
    assertEquals(List.of(), names(folder));
  }

  /** Where the system's lock says nothing, the text of the file decides. */
  @Test
  void theFileTellsALaterProcessOfTheSameNumberFromItsHolder() throws IOException {
    Path folder = folder();
    LockHolder here = LockHolder.current();
    leave(folder, here);
    refused(folder, here.toString());
    Instant earlier = here.started().minusSeconds(60);
    leave(folder, new LockHolder(here.process(), earlier, here.host()));
    FolderLock.of(folder).close();
    leave(folder, new LockHolder(999_999_999, here.started(), here.host()));
    FolderLock.of(folder).close();
  }

  @Test
  void aProcessOfAnotherHostIsRespected() throws IOException {
    Path folder = folder();
    leave(folder, new LockHolder(12, Instant.parse("2026-01-31T12:00:00Z"), "anna"));
    refused(folder, "process 12 started 2026-01-31T12:00:00Z on host anna");
    Files.delete(folder.resolve(".lock"));
    FolderLock.of(folder).close();
  }

  @Test
  void damagedLockFilesBlockNobody() throws IOException {
    Path folder = folder();
    for (String text :
        List.of("", "process", "process 1 started soon on host a", "x".repeat(5000))) {
      Files.writeString(folder.resolve(".lock"), text);
      FolderLock.of(folder).close();
      assertEquals(List.of(), names(folder));
    }
  }

  @Test
  void aLinkInThePlaceOfTheLockIsNotFollowed() throws IOException {
    Path folder = folder();
    Path precious = Files.writeString(temporary.resolve("precious.txt"), "years of work");
    Files.createSymbolicLink(folder.resolve(".lock"), precious);
    assertThrows(FileSystemException.class, () -> FolderLock.of(folder));
    assertEquals("years of work", Files.readString(precious));
  }

  @Test
  void aLockThatSomebodyDeletedIsNotReleasedTwice() throws IOException {
    Path folder = folder();
    FolderLock lock = FolderLock.of(folder);
    Files.delete(folder.resolve(".lock"));
    Files.writeString(folder.resolve(".lock"), "of another process");
    lock.close();
    assertEquals("of another process", text(folder));
  }

  @Test
  void oneLockForAllNamesOfAFolder() throws IOException {
    Path folder = folder();
    Path link = Files.createSymbolicLink(temporary.resolve("link"), folder);
    try (FolderLock lock = FolderLock.of(folder)) {
      assertThrows(FileSystemException.class, () -> FolderLock.of(link));
    }
    FolderLock.of(link).close();
  }

  private static void leave(Path folder, LockHolder holder) throws IOException {
    Files.writeString(folder.resolve(".lock"), holder + "\n");
  }

  private static void refused(Path folder, String holder) {
    String message =
        assertThrows(FileSystemException.class, () -> FolderLock.of(folder)).getMessage();
    assertTrue(message.contains("is being written by " + holder + "; if"), message);
  }

  private static String text(Path folder) throws IOException {
    return Files.readString(folder.resolve(".lock"));
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}

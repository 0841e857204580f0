package ai.fresnel.cvs.train.viewset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.data.PairOptions;
import ai.fresnel.cvs.train.data.Prefetcher;
import ai.fresnel.cvs.train.data.StreamedPairs;
import ai.fresnel.cvs.train.data.ViewBatch;
import ai.fresnel.cvs.train.data.ViewPair;
import ai.fresnel.cvs.train.data.ViewPairDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardsTest {

  private static final int OBJECTS = 9;
  private static final int VIEWS = 4;

  @TempDir Path folder;

  private Path folders;
  private Path tars;

  /** The same objects in folders and in three shards. */
  @BeforeEach
  void write() throws IOException {
    folders = folder.resolve("folders");
    tars = Files.createDirectories(folder.resolve("tars"));
    Fixtures.write(folders, OBJECTS, VIEWS);
    for (int s = 0; s < 3; s++) {
      shard(tars.resolve(ShardWriter.name(s, 3)), s, 3);
    }
  }

  private static void shard(Path file, int index, int count) throws IOException {
    try (ShardWriter writer = new ShardWriter(file)) {
      for (int o = index; o < OBJECTS; o += count) {
        List<View> views = Fixtures.views(o, VIEWS);
        float[] depth = new float[Fixtures.SIZE * Fixtures.SIZE];
        Arrays.fill(depth, o);
        views.set(0, views.get(0).withDepth(depth));
        writer.write(Fixtures.id(o), views, Fixtures.meta("", "hash" + o));
      }
      writer.finish();
    }
  }

  /** Two attempts write at once, and a third was killed: each file is whole, nothing is left. */
  @Test
  void attemptsAtTheSameShardDoNotDisturbEachOther() throws IOException {
    Path file = tars.resolve(ShardWriter.name(0, 1));
    Path other = folder.resolve("alone.tar");
    shard(other, 0, 1);
    byte[] expected = Files.readAllBytes(other);
    Files.writeString(tars.resolve("." + file.getFileName() + ".writing"), "killed");
    try (ShardWriter slow = new ShardWriter(file)) {
      slow.write(Fixtures.id(0), Fixtures.views(0, VIEWS), Fixtures.meta("", "hash0"));
      shard(file, 0, 1);
      assertArrayEquals(expected, Files.readAllBytes(file));
      slow.write(Fixtures.id(1), Fixtures.views(1, VIEWS), Fixtures.meta("", "hash1"));
      slow.finish();
    }
    assertArrayEquals(expected, Files.readAllBytes(file));
    try (Stream<Path> files = Files.list(tars)) {
      assertEquals(4, files.count());
    }
  }

  @Test
  void aSetInShardsIsTheSetInFolders() throws IOException {
    ViewSet expected = ViewSet.open(folders);
    ViewSet actual = ViewSet.open(tars);
    assertEquals(expected.ids(), actual.ids());
    for (Split split : Split.values()) {
      assertEquals(expected.ids(split), actual.ids(split));
    }
    for (String id : expected.ids()) {
      ViewObject one = expected.object(id);
      ViewObject other = actual.object(id);
      assertEquals(one.meta(), other.meta());
      assertEquals(VIEWS, other.size());
      for (int i = 0; i < VIEWS; i++) {
        assertArrayEquals(one.read(i).rgba(), other.read(i).rgba());
        assertArrayEquals(one.readPose(i).translation(), other.readPose(i).translation(), 1e-12);
      }
      assertTrue(other.readDepth(1).isEmpty());
      assertEquals(Fixtures.id((int) other.readDepth(0).orElseThrow()[5]), id);
    }
    assertFalse(ViewSetInspector.inspect(tars).report().contains("problem"));
    // Objects in folders are shuffled one by one.
    assertEquals(expected.ids(Split.TRAIN).size(), expected.groups(Split.TRAIN).size());
    // Not in memory's order, but each shard's objects together.
    assertEquals(
        List.of(Fixtures.id(1), Fixtures.id(4), Fixtures.id(7)),
        Shards.open(tars).contents().get(1));
  }

  @Test
  void theSameObjectsGiveTheSameBytesAndNothingHalfIsLeft() throws IOException {
    Path again = folder.resolve("again.tar");
    shard(again, 1, 3);
    assertEquals(-1, Files.mismatch(again, tars.resolve(ShardWriter.name(1, 3))));
    Path broken = folder.resolve("broken.tar");
    assertThrows(
        IllegalArgumentException.class,
        () -> {
          try (ShardWriter writer = new ShardWriter(broken)) {
            writer.write("a", Fixtures.views(0, 2), Fixtures.meta("", ""));
            writer.write("b.c", Fixtures.views(0, 2), Fixtures.meta("", ""));
            writer.finish();
          }
        });
    assertFalse(Files.exists(broken));
    try (var files = Files.list(folder)) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".writing")));
    }
    assertEquals("b-c", ShardWriter.id("b.c"));
  }

  private void refused(String expected) {
    IOException e =
        assertThrows(IOException.class, () -> ViewSet.open(tars).object("object-a").read(3));
    assertTrue(e.getMessage().contains(expected), e.getMessage());
    assertTrue(e.getMessage().contains("shard-0000"), e.getMessage());
  }

  @Test
  void damagedShardsAreRefused() throws IOException {
    Path first = tars.resolve(ShardWriter.name(0, 3));
    byte[] good = Files.readAllBytes(first);
    Files.copy(first, tars.resolve("shard-00009.tar"));
    refused("expected one that is in no other shard");
    Files.delete(tars.resolve("shard-00009.tar"));
    Files.write(first, Arrays.copyOf(good, 1000));
    refused("");
    byte[] noise = new byte[4096];
    Arrays.fill(noise, (byte) 7);
    Files.write(first, noise);
    refused("");
    // Object a's first image is empty.
    byte[] hollow = good.clone();
    Arrays.fill(hollow, 512, 560, (byte) 0);
    Files.write(first, hollow);
    IOException e =
        assertThrows(IOException.class, () -> ViewSet.open(tars).object("object-a").read(0));
    assertTrue(e.getMessage().contains("object-a.000.png"), e.getMessage());
  }

  @Test
  void pairsAreStreamedWithinTheMemoryThatThereIs() throws IOException {
    ViewSet set = ViewSet.open(tars);
    int bytes = VIEWS * 4 * Fixtures.SIZE * Fixtures.SIZE;
    // Two objects at a time.
    PairOptions options = PairOptions.of(6, 5).withMaxBytes(4L * bytes);
    assertFalse(ViewPairDataset.fits(set, Split.TRAIN, options));
    assertTrue(ViewPairDataset.fits(set, Split.TRAIN, options.withMaxBytes(9L * bytes)));
    StreamedPairs pairs = StreamedPairs.open(set, Split.TRAIN, options);
    ViewPairDataset all =
        ViewPairDataset.load(set, Split.TRAIN, options.withMaxBytes(Long.MAX_VALUE));
    List<String> ids = set.groups(Split.TRAIN).stream().flatMap(List::stream).toList();
    Set<Integer> seen = new HashSet<>();
    for (int k = 0; k < 80; k++) {
      ViewBatch batch = pairs.batch(k);
      for (int i = 0; i < 6; i++) {
        ViewPair pair = batch.pairs().get(i);
        seen.add(pair.object());
        int object = 0;
        while (!all.id(object).equals(ids.get(pair.object()))) {
          object++;
        }
        ViewBatch expected =
            all.gather(List.of(new ViewPair(object, pair.source(), pair.target(), 0)));
        int length = expected.source().length;
        assertArrayEquals(
            expected.source(), Arrays.copyOfRange(batch.source(), i * length, (i + 1) * length));
        assertArrayEquals(
            expected.target(), Arrays.copyOfRange(batch.target(), i * length, (i + 1) * length));
        assertArrayEquals(expected.pose(), Arrays.copyOfRange(batch.pose(), 16 * i, 16 * i + 16));
      }
    }
    assertEquals(set.ids(Split.TRAIN).size(), seen.size());
    // Threads that are stopped while they read leave the shards readable.
    for (int i = 0; i < 20; i++) {
      new Prefetcher<>(pairs::batch, 100L + i, 8, 2).close();
    }
    ViewBatch again = StreamedPairs.open(set, Split.TRAIN, options).batch(41);
    assertEquals(pairs.batch(41).pairs(), again.pairs());
    assertArrayEquals(pairs.batch(41).target(), again.target());
  }
}

package ai.fresnel.cvs.train.viewset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ViewSetTest {

  @TempDir Path folder;

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    byte[] rgba = new byte[4 * Fixtures.SIZE * Fixtures.SIZE];
    new Random(1).nextBytes(rgba);
    float[] depth = new float[Fixtures.SIZE * Fixtures.SIZE];
    depth[17] = 1.25f;
    CameraPose pose = CameraPose.orbit(0.4, -0.3, 1.9);
    ObjectMeta meta = Fixtures.meta("Chair_01", "abc");
    ViewSetWriter writer = new ViewSetWriter(folder);
    View written = View.of(Fixtures.LENS, pose, rgba).withDepth(depth);
    assertTrue(writer.write("a", List.of(written, Fixtures.views(1, 1).get(0)), meta));
    writer.finish();

    ViewObject object = ViewSet.open(folder).object("a");
    assertEquals(2, object.size());
    assertEquals(meta, object.meta().orElseThrow());
    View view = object.read(0);
    assertArrayEquals(rgba, view.rgba());
    assertEquals(Fixtures.LENS, view.intrinsics());
    assertArrayEquals(pose.rotation(), view.pose().rotation(), 1e-14);
    assertArrayEquals(pose.translation(), view.pose().translation(), 1e-14);
    assertArrayEquals(depth, object.readDepth(0).orElseThrow());
    assertTrue(object.readDepth(1).isEmpty());
  }

  @Test
  void completeObjectsAreSkippedAndBrokenOnesWrittenAgain() throws IOException {
    Fixtures.write(folder, 1, 3);
    ViewSetWriter writer = new ViewSetWriter(folder);
    Path image = folder.resolve(Fixtures.id(0)).resolve("000.png");
    Files.setLastModifiedTime(image, FileTime.fromMillis(0));
    assertFalse(writer.write(Fixtures.id(0), Fixtures.views(0, 3), Fixtures.meta("", "h")));
    assertEquals(0, Files.getLastModifiedTime(image).toMillis());

    Files.delete(folder.resolve(Fixtures.id(0)).resolve("001.npy"));
    assertFalse(writer.isComplete(Fixtures.id(0)));
    assertTrue(writer.write(Fixtures.id(0), Fixtures.views(0, 3), Fixtures.meta("", "h")));
    assertTrue(writer.isComplete(Fixtures.id(0)));
    try (var files = Files.list(folder)) {
      assertTrue(files.noneMatch(file -> file.getFileName().toString().startsWith(".")));
    }
  }

  @Test
  void zero123sOwnLayoutIsRead() throws IOException {
    Path object = Files.createDirectories(folder.resolve("uid"));
    PngFile.write(object.resolve("000.png"), 16, 16, Fixtures.square(1, 2, 3, 4));
    // A camera on +x, two units off; float32 as Zero123 has it.
    Npy.write(object.resolve("000.npy"), new float[] {0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, -2}, 3, 4);
    Files.writeString(folder.resolve("valid_paths.json"), "[\"uid\"]");

    View view = ViewSet.open(folder).object("uid").read(0);
    assertArrayEquals(new double[] {2, 0, 0}, view.pose().position(), 1e-12);
    assertEquals(1.094, view.intrinsics().normalisedFx(), 1e-3);
    assertEquals(8, view.intrinsics().cx());
  }

  @Test
  void greyAndPaletteImagesKeepTheirValues() throws IOException {
    BufferedImage grey = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSample(0, 0, 0, 100);
    Path file = folder.resolve("grey.png");
    assertTrue(ImageIO.write(grey, "png", file.toFile()));
    assertArrayEquals(new byte[] {100, 100, 100, -1, 0, 0, 0, -1}, PngFile.read(file).rgba());
    BufferedImage rgb = new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    rgb.setRGB(0, 0, 0x102030);
    assertTrue(ImageIO.write(rgb, "png", file.toFile()));
    assertArrayEquals(new byte[] {0x10, 0x20, 0x30, -1}, PngFile.read(file).rgba());
  }

  @Test
  void damagedFilesAreNamed() throws IOException {
    Fixtures.write(folder, 1, 2);
    Path object = folder.resolve(Fixtures.id(0));
    Path image = object.resolve("000.png");
    byte[] good = Files.readAllBytes(image);

    Files.write(image, java.util.Arrays.copyOf(good, good.length / 2));
    assertReadFails(image + ": ", "expected a PNG");
    PngFile.write(image, 8, 8, new byte[4 * 64]);
    assertReadFails(image + ": 8×8 pixels", "expected 16×16 by its meta.json");
    // Width 4097 in the header of an otherwise good file: refused before any pixel is decoded.
    byte[] wide = good.clone();
    wide[18] = 0x10;
    wide[19] = 0x01;
    java.util.zip.CRC32 crc = new java.util.zip.CRC32();
    crc.update(wide, 12, 17);
    java.nio.ByteBuffer.wrap(wide).putInt(29, (int) crc.getValue());
    Files.write(image, wide);
    assertReadFails(image + ": 4097×16 pixels", "4096×4096");
    Files.write(image, good);
    double[] mirrored = {-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0};
    Npy.write(object.resolve("000.npy"), mirrored, 3, 4);
    assertReadFails(object.resolve("000.npy") + ": ", "rotation has determinant -1, expected 1");
    Files.delete(object.resolve("001.png"));
    assertReadFails(object + ": 1 views", "expected 2 by its meta.json");
    Files.writeString(object.resolve("meta.json"), "{\"format\": 2}");
    // A split is stored, so opening the set does not read this file, opening the object does.
    assertReadFails(object.resolve("meta.json") + ": format 2", "expected format 1");
  }

  @Test
  void listsMayNotLeadOutOfTheFolder() throws IOException {
    Fixtures.write(folder, 1, 2);
    for (String list : List.of("[\"../elsewhere\"]", "[\"/etc\"]", "[\"\"]", "{}", "[3", "[[]]")) {
      Files.writeString(folder.resolve("valid_paths.json"), list);
      String message =
          assertThrows(IOException.class, () -> ViewSet.open(folder), list).getMessage();
      assertTrue(message.startsWith(folder.resolve("valid_paths.json") + ": "), message);
    }
  }

  @Test
  void wrongInputIsRefused() throws IOException {
    ViewSetWriter writer = new ViewSetWriter(folder);
    ObjectMeta meta = Fixtures.meta("", "");
    List<View> views = Fixtures.views(0, 1);
    assertThrows(IllegalArgumentException.class, () -> writer.write("../x", views, meta));
    assertThrows(IllegalArgumentException.class, () -> writer.write(".x", views, meta));
    assertThrows(IllegalArgumentException.class, () -> writer.write("x", List.of(), meta));
    Intrinsics other = Intrinsics.fromFieldOfView(1, Fixtures.SIZE);
    ObjectMeta otherMeta = new ObjectMeta(other, 1, 2, "", "", "", "", "");
    assertThrows(IllegalArgumentException.class, () -> writer.write("x", views, otherMeta));
    CameraPose pose = views.get(0).pose();
    assertThrows(IllegalArgumentException.class, () -> View.of(Fixtures.LENS, pose, new byte[3]));
    assertThrows(IOException.class, () -> ViewSet.open(folder));
    assertThrows(IOException.class, () -> ViewSet.open(folder.resolve("none")));
  }

  @Test
  void storedSplitWinsOverTheRule() throws IOException {
    Fixtures.write(folder, 3, 1);
    Files.writeString(
        folder.resolve("split.json"),
        "{\"format\":1,\"objects\":{\"object-a\":\"test\",\"object-b\":\"validation\","
            + "\"object-c\":\"test\"}}");
    assertEquals(List.of("object-a", "object-c"), ViewSet.open(folder).ids(Split.TEST));
    Files.writeString(
        folder.resolve("split.json"), "{\"format\":1,\"objects\":{\"object-a\":\"test\"}}");
    assertThrows(IOException.class, () -> ViewSet.open(folder));
  }

  @Test
  void withoutAStoredSplitTheRuleDecidesTheSame() throws IOException {
    Fixtures.write(folder, 20, 1);
    List<String> stored = ViewSet.open(folder).ids(Split.TRAIN);
    assertFalse(stored.isEmpty());
    Files.delete(folder.resolve("split.json"));
    assertEquals(stored, ViewSet.open(folder).ids(Split.TRAIN));
  }

  private void assertReadFails(String start, String end) {
    String message =
        assertThrows(IOException.class, () -> ViewSet.open(folder).object("object-a").read(0))
            .getMessage();
    assertTrue(message.startsWith(start), message);
    assertTrue(message.contains(end), message);
    assertEquals(1, message.lines().count());
  }
}

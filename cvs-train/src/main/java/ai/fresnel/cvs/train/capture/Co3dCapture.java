package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.geometry.Intrinsics;
import ai.fresnel.cvs.geometry.Pytorch3dPose;
import ai.fresnel.cvs.train.file.DataFolder;
import ai.fresnel.cvs.train.file.LeftOut;
import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import com.google.gson.stream.JsonReader;
import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * Reads CO3D version 2 (Reizenstein et al. 2021). The file {@code frame_annotations.jgz} of a
 * category lists the frames of all its sequences, with masks and cameras in PyTorch3D's
 * conventions. Its paths are relative to the parent of the category's folder.
 */
final class Co3dCapture {

  private static final String FILE = "frame_annotations.jgz";

  /** The largest number of frames; all of CO3D has fewer. */
  private static final int MAX_FRAMES = 5_000_000;

  private static final Gson GSON = new Gson();

  private Co3dCapture() {}

  /** Returns the folders with annotations: the folder itself, or those in it. */
  static List<Path> categories(Path root) throws IOException {
    if (Files.isRegularFile(root.resolve(FILE))) {
      return List.of(root);
    }
    return CaptureFiles.folders(root).stream()
        .filter(folder -> Files.isRegularFile(folder.resolve(FILE)))
        .toList();
  }

  static List<CaptureSource> list(Path root) throws IOException {
    List<CaptureSource> sources = new ArrayList<>();
    for (Path category : categories(root)) {
      Map<String, List<Frame>> sequences = new TreeMap<>();
      Path file = category.resolve(FILE);
      try {
        read(file, sequences);
      } catch (JsonParseException | IllegalStateException e) {
        throw new IOException(file + ": " + e.getMessage().lines().findFirst().orElse(""), e);
      }
      DataFolder base = DataFolder.of(category.toAbsolutePath().normalize().resolve(".."));
      sequences.forEach(
          (name, frames) -> {
            String id = CaptureFiles.id(CaptureFiles.id(category) + "_" + name);
            sources.add(new Source(id, base, frames));
          });
    }
    if (sources.isEmpty()) {
      throw new IOException(root + ": no " + FILE + " with frames in it or its folders");
    }
    return sources;
  }

  private static void read(Path file, Map<String, List<Frame>> sequences) throws IOException {
    int count = 0;
    try (BoundedInput bytes =
            new BoundedInput(
                new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file))));
        Reader text = new InputStreamReader(bytes, StandardCharsets.UTF_8);
        JsonReader json = new JsonReader(text)) {
      json.beginArray();
      while (json.hasNext()) {
        bytes.startFrame();
        Frame frame = GSON.fromJson(json, Frame.class);
        if (++count > MAX_FRAMES) {
          throw new IOException(file + ": more than " + MAX_FRAMES + " frames");
        }
        if (frame == null || frame.sequenceName() == null) {
          throw new IOException(file + ": frame " + count + " names no sequence");
        }
        sequences.computeIfAbsent(frame.sequenceName(), name -> new ArrayList<>()).add(frame);
      }
    }
  }

  /** Limits the bytes of each frame, since a small file may unpack to any length. */
  private static final class BoundedInput extends FilterInputStream {

    private static final long BYTES = 1 << 20;

    private long left = BYTES;

    BoundedInput(InputStream in) {
      super(in);
    }

    void startFrame() {
      left = BYTES;
    }

    @Override
    public int read() throws IOException {
      use(1);
      return super.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int count = super.read(into, offset, length);
      use(count);
      return count;
    }

    private void use(int count) throws IOException {
      left -= count;
      if (left < 0) {
        throw new IOException("a frame of more than " + BYTES + " bytes");
      }
    }
  }

  /** A frame of the file; missing fields are null. */
  private static final class Frame {
    String sequence_name;
    ImageEntry image;
    ImageEntry mask;
    Viewpoint viewpoint;

    String sequenceName() {
      return sequence_name;
    }
  }

  private static final class ImageEntry {
    String path;
    int[] size;
  }

  private static final class Viewpoint {
    double[][] R;
    double[] T;
    double[] focal_length;
    double[] principal_point;
    String intrinsics_format;
  }

  private record Source(String id, DataFolder base, List<Frame> frames) implements CaptureSource {

    @Override
    public CapturedObject load() throws IOException {
      List<CapturedView> views = new ArrayList<>();
      LeftOut leftOut = LeftOut.NONE;
      for (Frame frame : frames) {
        String name =
            frame.image == null || frame.image.path == null
                ? "a frame of " + frame.sequenceName()
                : frame.image.path;
        try {
          views.add(view(frame));
        } catch (IOException | IllegalArgumentException e) {
          leftOut = leftOut.and(name, e.getMessage());
        } catch (NullPointerException | IndexOutOfBoundsException e) {
          leftOut = leftOut.and(name, "is incomplete");
        }
      }
      return new CapturedObject(id, views, WorldUp.CAMERAS, leftOut, List.of());
    }

    private CapturedView view(Frame frame) throws IOException {
      Viewpoint v = frame.viewpoint;
      double[] rotation = new double[9];
      for (int i = 0; i < 9; i++) {
        rotation[i] = v.R[i / 3][i % 3];
      }
      CameraPose pose = Pytorch3dPose.toCameraPose(rotation, v.T);
      int height = frame.image.size[0];
      int width = frame.image.size[1];
      String format = v.intrinsics_format == null ? "ndc_norm_image_bounds" : v.intrinsics_format;
      Intrinsics lens =
          switch (format) {
            case "ndc_isotropic" ->
                Pytorch3dPose.isotropic(v.focal_length, v.principal_point, width, height);
            case "ndc_norm_image_bounds" ->
                Pytorch3dPose.normalisedToBounds(v.focal_length, v.principal_point, width, height);
            default ->
                throw new IllegalArgumentException("intrinsics_format " + format + " is not known");
          };
      Optional<Path> mask =
          frame.mask == null || frame.mask.path == null
              ? Optional.empty()
              : Optional.of(CaptureFiles.existing(base, frame.mask.path));
      Path image = CaptureFiles.existing(base, frame.image.path);
      return new CapturedView(frame.image.path, image, mask, pose, CaptureLens.of(lens));
    }
  }
}

import ai.fresnel.cvs.Framing;
import ai.fresnel.cvs.ObjectCode;
import ai.fresnel.cvs.Photograph;
import ai.fresnel.cvs.ViewRequest;
import ai.fresnel.cvs.ViewSynthesizer;
import ai.fresnel.cvs.elevation.CodeFeatures;
import ai.fresnel.cvs.elevation.ElevationEstimate;
import ai.fresnel.cvs.elevation.ElevationNetwork;
import ai.fresnel.cvs.geometry.CameraPose;
import ai.fresnel.cvs.train.viewset.Split;
import ai.fresnel.cvs.train.viewset.View;
import ai.fresnel.cvs.train.viewset.ViewObject;
import ai.fresnel.cvs.train.viewset.ViewSet;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Fits the estimator of a photograph's elevation to the bundled model, and measures it.
 *
 * <p>Usage: {@code java -cp CLASSES FitElevation.java encode VIEWS FEATURES TRAIN OTHER} writes the
 * features of up to TRAIN objects of the training split of a view set and OTHER of each other split
 * to the file FEATURES: of each the first {@value #VIEWS} views, in turn framed as they are and as a
 * photograph, from a random radius but for the test split, and mirrored at random for training. It
 * can be stopped: all but the last is whole.
 *
 * <p>{@code java -cp CLASSES FitElevation.java fit OUT FEATURES...} fits to the training splits,
 * stops by the validation splits, writes the network to OUT and prints the errors on the test
 * splits, of photographs from {@value #LOW} to {@value #HIGH} degrees and of all.
 */
public final class FitElevation {

  private static final int VIEWS = 6;
  private static final double LOW = -10;
  private static final double HIGH = 60;
  private static final double ASSUMED = 20;

  private static final int HIDDEN = 24;
  private static final int EPOCHS = 30;
  private static final int BATCH = 32;
  private static final double RATE = 1e-3;
  private static final double DECAY = 0.2;
  private static final double DROPPED = 0.5;

  /** Degrees of one unit of the outputs while they are fitted. */
  private static final double UNIT = 30;

  private FitElevation() {}

  public static void main(String[] args) throws Exception {
    if (args[0].equals("encode")) {
      encode(Path.of(args[1]), Path.of(args[2]), args[3], args[4]);
    } else {
      fit(Path.of(args[1]), Arrays.asList(args).subList(2, args.length));
    }
  }

  /** A photograph's features and where it was taken from. */
  private record Sample(String model, Split split, Framing framing, double degrees, float[] row) {

    void write(DataOutputStream out) throws IOException {
      out.writeUTF(model);
      out.writeUTF(split.name());
      out.writeUTF(framing.name());
      out.writeDouble(degrees);
      out.writeInt(row.length);
      for (float value : row) {
        out.writeFloat(value);
      }
    }

    static List<Sample> read(Path file) throws IOException {
      List<Sample> samples = new ArrayList<>();
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
        while (true) {
          String model = in.readUTF();
          Split split = Split.valueOf(in.readUTF());
          Framing framing = Framing.valueOf(in.readUTF());
          double degrees = in.readDouble();
          float[] row = new float[in.readInt()];
          for (int i = 0; i < row.length; i++) {
            row[i] = in.readFloat();
          }
          samples.add(new Sample(model, split, framing, degrees, row));
        }
      } catch (EOFException e) {
        return samples;
      }
    }
  }

  private static void encode(Path views, Path features, String train, String other)
      throws Exception {
    Random random = new Random(1);
    ViewSet set = ViewSet.open(views);
    try (ViewSynthesizer cvs = ViewSynthesizer.load();
        DataOutputStream out =
            new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(features)))) {
      for (Split split : List.of(Split.TEST, Split.VALIDATION, Split.TRAIN)) {
        List<String> ids = new ArrayList<>(set.ids(split));
        Collections.shuffle(ids, random);
        int most = Integer.parseInt(split == Split.TRAIN ? train : other);
        for (String id : ids.subList(0, Math.min(most, ids.size()))) {
          ViewObject object = set.object(id);
          for (int i = 0; i < Math.min(VIEWS, object.size()); i++) {
            double degrees = Math.toDegrees(object.readPose(i).elevation());
            Framing framing = i % 2 == 0 ? Framing.WHOLE : Framing.OBJECT;
            double radius = split == Split.TEST ? 1.7 : 1.5 + 0.7 * random.nextDouble();
            CameraPose camera = CameraPose.orbit(0, 0, radius);
            boolean mirror = split == Split.TRAIN && random.nextBoolean();
            Photograph photograph = photograph(object.read(i), mirror);
            ViewRequest request = ViewRequest.of(photograph, camera, List.of(camera));
            try {
              ObjectCode code = cvs.encode(request.withFraming(framing));
              float[] row = CodeFeatures.of(code)[0];
              new Sample(code.model(), split, framing, degrees, row).write(out);
            } catch (IllegalArgumentException e) {
              System.err.println(id + ", view " + i + ": " + e.getMessage());
            }
          }
          out.flush();
        }
      }
    }
  }

  private static Photograph photograph(View view, boolean mirror) {
    int size = view.intrinsics().width();
    byte[] rgba = view.rgba().clone();
    for (int i = 0; mirror && i < size * size; i++) {
      int from = i / size * size + size - 1 - i % size;
      System.arraycopy(view.rgba(), 4 * from, rgba, 4 * i, 4);
    }
    return Photograph.ofRgba(rgba, size, size);
  }

  private static void fit(Path file, List<String> inputs) throws IOException {
    List<List<Sample>> sets = new ArrayList<>();
    for (String input : inputs) {
      sets.add(Sample.read(Path.of(input)));
    }
    List<Sample> all = sets.stream().flatMap(List::stream).toList();
    List<Sample> training = all.stream().filter(s -> s.split() == Split.TRAIN).toList();
    List<Sample> validation = all.stream().filter(s -> s.split() == Split.VALIDATION).toList();
    System.out.printf("%d for training, %d to stop%n", training.size(), validation.size());
    ElevationNetwork network = calibrated(new Fit(training).run(training, validation), validation);
    network.write(file, all.get(0).model());
    for (int i = 0; i < sets.size(); i++) {
      List<Sample> held = sets.get(i).stream().filter(s -> s.split() == Split.TEST).toList();
      for (Framing framing : Framing.values()) {
        List<Sample> test = held.stream().filter(s -> s.framing() == framing).toList();
        String name = inputs.get(i) + " " + framing;
        Predicate<Sample> like = s -> s.degrees() >= LOW && s.degrees() <= HIGH;
        report(name + ", like photographs", network, training, test, like);
        report(name + ", all", network, training, test, s -> true);
      }
    }
  }

  private static void report(
      String name,
      ElevationNetwork network,
      List<Sample> training,
      List<Sample> all,
      Predicate<Sample> chosen) {
    List<Sample> test = all.stream().filter(chosen).toList();
    DoubleStream known = training.stream().filter(chosen).mapToDouble(Sample::degrees);
    double best = quantile(known, 0.5);
    List<ElevationEstimate> found = test.stream().map(s -> network.estimate(s.row())).toList();
    double[] deviations = found.stream().mapToDouble(e -> e.standardDeviation()).toArray();
    double[] errors = new double[test.size()];
    Arrays.setAll(errors, i -> Math.abs(found.get(i).degrees() - test.get(i).degrees()));
    System.out.printf(
        Locale.ROOT,
        "%s: %d views; estimate %s, %.0f assumed %s, constant %.0f %s; within 1 sd %.0f %%,"
            + " 2 sd %.0f %%, median sd %.1f%n",
        name,
        test.size(),
        errors(Arrays.stream(errors)),
        ASSUMED,
        errors(test.stream().mapToDouble(s -> Math.abs(s.degrees() - ASSUMED))),
        best,
        errors(test.stream().mapToDouble(s -> Math.abs(s.degrees() - best))),
        within(errors, deviations, 1),
        within(errors, deviations, 2),
        quantile(Arrays.stream(deviations), 0.5));
  }

  private static double within(double[] errors, double[] deviations, double times) {
    IntStream all = IntStream.range(0, errors.length);
    return 100.0 * all.filter(i -> errors[i] <= times * deviations[i]).count() / errors.length;
  }

  private static String errors(DoubleStream values) {
    double[] all = values.toArray();
    double most = quantile(Arrays.stream(all), 0.9);
    return "%.1f (90 %%: %.1f)".formatted(quantile(Arrays.stream(all), 0.5), most);
  }

  private static double quantile(DoubleStream values, double share) {
    double[] sorted = values.sorted().toArray();
    return sorted.length == 0 ? Double.NaN : sorted[(int) (share * (sorted.length - 1))];
  }

  private static double square(ElevationEstimate estimate, Sample sample) {
    return Math.pow((estimate.degrees() - sample.degrees()) / estimate.standardDeviation(), 2);
  }

  /** Scales the deviations so that those of the validation samples are true on average. */
  private static ElevationNetwork calibrated(ElevationNetwork network, List<Sample> samples) {
    double sum = 0;
    for (Sample sample : samples) {
      sum += square(network.estimate(sample.row()), sample) / samples.size();
    }
    float[] biases = network.outputBiases().clone();
    biases[1] += (float) (Math.log(sum) / 2);
    System.out.printf(Locale.ROOT, "deviations scaled by %.2f%n", Math.sqrt(sum));
    return new ElevationNetwork(
        network.hiddenWeights(), network.hiddenBiases(), network.outputWeights(), biases);
  }

  /** Gradient descent (AdamW) on the likelihood, of features with mean 0 and deviation 1. */
  private static final class Fit {

    private final Random random = new Random(7);
    private final int inputs;
    private final double[] mean;
    private final double[] scale;

    /** Hidden weights, hidden biases, output weights, output biases. */
    private final double[] values;

    private final double[] gradient;
    private final double[] first;
    private final double[] second;

    Fit(List<Sample> samples) {
      inputs = samples.get(0).row().length;
      mean = new double[inputs];
      scale = new double[inputs];
      for (Sample sample : samples) {
        for (int i = 0; i < inputs; i++) {
          mean[i] += sample.row()[i] / samples.size();
          scale[i] += (double) sample.row()[i] * sample.row()[i] / samples.size();
        }
      }
      for (int i = 0; i < inputs; i++) {
        double variance = scale[i] - mean[i] * mean[i];
        scale[i] = variance < 1e-8 ? 0 : 1 / Math.sqrt(variance);
      }
      values = new double[HIDDEN * (inputs + 1) + 2 * HIDDEN + 2];
      for (int i = 0; i < HIDDEN * inputs; i++) {
        values[i] = random.nextGaussian() / Math.sqrt(inputs);
      }
      for (int i = HIDDEN * (inputs + 1); i < values.length - 2; i++) {
        values[i] = 0.1 * random.nextGaussian();
      }
      gradient = new double[values.length];
      first = new double[values.length];
      second = new double[values.length];
    }

    ElevationNetwork run(List<Sample> training, List<Sample> validation) {
      List<Sample> order = new ArrayList<>(training);
      ElevationNetwork best = network();
      double least = Double.MAX_VALUE;
      int step = 0;
      int steps = EPOCHS * ((order.size() + BATCH - 1) / BATCH);
      for (int epoch = 0; epoch < EPOCHS; epoch++) {
        Collections.shuffle(order, random);
        double sum = 0;
        for (int at = 0; at < order.size(); at += BATCH) {
          List<Sample> batch = order.subList(at, Math.min(order.size(), at + BATCH));
          Arrays.fill(gradient, 0);
          for (Sample sample : batch) {
            sum += learn(sample, batch.size());
          }
          update(++step, RATE * 0.5 * (1 + Math.cos(Math.PI * step / steps)));
        }
        double loss = loss(network(), validation);
        System.out.printf("epoch %d: %.3f, held out %.3f%n", epoch, sum / order.size(), loss);
        if (loss < least) {
          least = loss;
          best = network();
        }
      }
      return best;
    }

    private static double loss(ElevationNetwork network, List<Sample> samples) {
      double sum = 0;
      for (Sample sample : samples) {
        ElevationEstimate estimate = network.estimate(sample.row());
        sum += square(estimate, sample) / 2 + Math.log(estimate.standardDeviation() / UNIT);
      }
      return sum / samples.size();
    }

    private double learn(Sample sample, int count) {
      double[] input = new double[inputs];
      for (int i = 0; i < inputs; i++) {
        boolean dropped = random.nextDouble() < DROPPED;
        double value = (sample.row()[i] - mean[i]) * scale[i];
        input[i] = dropped ? 0 : Math.max(-5, Math.min(5, value)) / (1 - DROPPED);
      }
      int biases = HIDDEN * inputs;
      int outputs = biases + HIDDEN;
      int last = outputs + 2 * HIDDEN;
      double[] hidden = new double[HIDDEN];
      double centre = values[last];
      double logarithm = values[last + 1];
      for (int unit = 0; unit < HIDDEN; unit++) {
        double sum = values[biases + unit];
        for (int i = 0; i < inputs; i++) {
          sum += values[unit * inputs + i] * input[i];
        }
        hidden[unit] = Math.max(0, sum);
        centre += values[outputs + unit] * hidden[unit];
        logarithm += values[outputs + HIDDEN + unit] * hidden[unit];
      }
      double error = centre - (sample.degrees() - ASSUMED) / UNIT;
      double clipped = Math.max(-3, Math.min(1, logarithm));
      double precision = Math.exp(-2 * clipped);
      double toCentre = error * precision / count;
      double toLogarithm = (1 - error * error * precision) / count;
      gradient[last] += toCentre;
      gradient[last + 1] += toLogarithm;
      for (int unit = 0; unit < HIDDEN; unit++) {
        if (hidden[unit] > 0) {
          gradient[outputs + unit] += toCentre * hidden[unit];
          gradient[outputs + HIDDEN + unit] += toLogarithm * hidden[unit];
          double back =
              toCentre * values[outputs + unit] + toLogarithm * values[outputs + HIDDEN + unit];
          gradient[biases + unit] += back;
          for (int i = 0; i < inputs; i++) {
            gradient[unit * inputs + i] += back * input[i];
          }
        }
      }
      return error * error * precision / 2 + clipped;
    }

    private void update(int step, double rate) {
      double clip = Math.min(1, 2 / Math.sqrt(Arrays.stream(gradient).map(g -> g * g).sum()));
      for (int i = 0; i < values.length; i++) {
        double slope = gradient[i] * clip;
        first[i] += 0.1 * (slope - first[i]);
        second[i] += 0.01 * (slope * slope - second[i]);
        double move = first[i] / (1 - Math.pow(0.9, step));
        double size = Math.sqrt(second[i] / (1 - Math.pow(0.99, step))) + 1e-8;
        values[i] -= rate * (move / size + (i < HIDDEN * inputs ? DECAY * values[i] : 0));
      }
    }

    /** Takes the scales of features and outputs into the weights. */
    ElevationNetwork network() {
      float[] weights = new float[HIDDEN * inputs];
      float[] biases = new float[HIDDEN];
      for (int unit = 0; unit < HIDDEN; unit++) {
        double bias = values[HIDDEN * inputs + unit];
        for (int i = 0; i < inputs; i++) {
          double weight = values[unit * inputs + i] * scale[i];
          weights[unit * inputs + i] = (float) weight;
          bias -= weight * mean[i];
        }
        biases[unit] = (float) bias;
      }
      float[] outputs = new float[2 * HIDDEN];
      for (int i = 0; i < outputs.length; i++) {
        outputs[i] = (float) ((i < HIDDEN ? UNIT : 1) * values[HIDDEN * (inputs + 1) + i]);
      }
      float[] last = {
        (float) (UNIT * values[values.length - 2] + ASSUMED),
        (float) (values[values.length - 1] + Math.log(UNIT))
      };
      return new ElevationNetwork(weights, biases, outputs, last);
    }
  }
}

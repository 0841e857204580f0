package ai.fresnel.cvs.train.splat;

import ai.fresnel.cvs.splat.GaussianArrays;
import ai.fresnel.cvs.splat.SplatFrame;
import ai.fresnel.cvs.splat.SplatGradient;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;

/** Clones and splits Gaussians whose place is pulled hard: Kerbl et al. 2023, section 5.2. */
final class PublishedDensity implements Density {

  /** Up to this share of the object's length a Gaussian is small: it is cloned, not split. */
  private static final double SMALL = 0.01;

  /** Beyond this share it is removed. */
  private static final double GIANT = 0.5;

  /** Both parts of a Gaussian that is split are this much smaller. */
  private static final double SHRINK = 1.6;

  private final SplatSettings settings;

  PublishedDensity(SplatSettings settings) {
    this.settings = settings;
  }

  @Override
  public void observe(SplatModel model, SplatFrame frame, SplatGradient gradient) {
    // In halves of the image, as published, so that the threshold holds for any size of it.
    double half = 0.5 * Math.max(frame.image().width(), frame.image().height());
    for (int i = 0; i < model.size(); i++) {
      if (frame.isVisible(i)) {
        model.pull[i] +=
            (float) (half * Math.hypot(gradient.screen()[2 * i], gradient.screen()[2 * i + 1]));
        model.seen[i]++;
      }
    }
  }

  @Override
  public void round(SplatModel model, long step) {
    int[] pulled = pulled(model);
    int before = model.size();
    boolean[] gone = new boolean[before];
    for (int i : pulled) {
      gone[i] = model.largestScale(i) > SMALL;
    }
    // A split Gaussian makes two parts and goes; a clone is added to the first.
    int[] added = new int[2 * pulled.length];
    int count = 0;
    for (int i : pulled) {
      added[count++] = i;
      if (gone[i]) {
        added[count++] = i;
      }
    }
    model.append(Arrays.copyOf(added, count));
    SplittableRandom random = SplatRandom.DENSITY.at(settings.seed(), step);
    for (int k = 0; k < count; k++) {
      if (gone[added[k]]) {
        shrinkAndMove(model.parameters, before + k, random);
      }
    }
    remove(model, gone);
  }

  /** Returns the Gaussians that are pulled hardest, as far as the budget reaches. */
  private int[] pulled(SplatModel model) {
    Integer[] hardest = new Integer[model.size()];
    int count = 0;
    for (int i = 0; i < model.size(); i++) {
      if (model.seen[i] > 0 && mean(model, i) > settings.density().gradient()) {
        hardest[count++] = i;
      }
    }
    Arrays.sort(hardest, 0, count, Comparator.comparingDouble(i -> -mean(model, i)));
    int room = Math.max(0, Math.min(count, settings.gaussians() - model.size()));
    return Arrays.stream(hardest, 0, room).mapToInt(Integer::intValue).sorted().toArray();
  }

  private static double mean(SplatModel model, int i) {
    return model.pull[i] / model.seen[i];
  }

  /** Moves a part to a random place of the whole. */
  private static void shrinkAndMove(GaussianArrays arrays, int i, SplittableRandom random) {
    double[] place = new double[3];
    for (int k = 0; k < 3; k++) {
      place[k] = random.nextGaussian() * Math.exp(arrays.logScales()[3 * i + k]);
      arrays.logScales()[3 * i + k] -= (float) Math.log(SHRINK);
    }
    double[] moved = Turn.of(arrays.rotations(), i).apply(place);
    for (int k = 0; k < 3; k++) {
      arrays.means()[3 * i + k] += (float) moved[k];
    }
  }

  private static void remove(SplatModel model, boolean[] gone) {
    int[] kept = new int[model.size()];
    int count = 0;
    for (int i = 0; i < kept.length; i++) {
      boolean stays =
          (i >= gone.length || !gone[i])
              && model.opacity(i) >= LEAST_OPACITY
              && model.largestScale(i) <= GIANT;
      if (stays) {
        kept[count++] = i;
      }
    }
    model.keep(Arrays.copyOf(kept, count));
  }
}

package ai.fresnel.cvs.train.capture;

import ai.fresnel.cvs.train.file.LeftOut;
import ai.fresnel.cvs.train.image.MaskRule;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The frames of a capture that are used: spread evenly over those whose image and mask can be read.
 * A frame that cannot be used is left out, counted and named.
 *
 * @param views the frames
 * @param observations what each of them shows
 * @param masked whether the background of every frame is cut away, by a mask or by alpha
 * @param leftOut the frames that are not used
 * @param notes lines for people
 */
record FrameChoice(
    List<CapturedView> views,
    List<Observation> observations,
    boolean masked,
    LeftOut leftOut,
    List<String> notes) {

  /** Two rays are needed to find a point. */
  private static final int FEWEST = 2;

  /**
   * Chooses frames.
   *
   * @param object the capture
   * @param most the largest number of frames
   * @throws IOException if fewer than two frames can be used
   */
  static FrameChoice of(CapturedObject object, int most) throws IOException {
    List<Integer> candidates = new ArrayList<>();
    for (int i = 0; i < object.views().size(); i++) {
      candidates.add(i);
    }
    Observation[] seen = new Observation[object.views().size()];
    LeftOut leftOut = object.leftOut();
    while (true) {
      List<Integer> chosen = evenly(candidates, most);
      List<Integer> refused = new ArrayList<>();
      for (int i : chosen) {
        try {
          seen[i] = seen[i] == null ? Observation.of(object.views().get(i)) : seen[i];
        } catch (IOException e) {
          refused.add(i);
          leftOut = leftOut.and(object.views().get(i).name(), reason(object.views().get(i), e));
        }
      }
      if (refused.isEmpty()) {
        for (int i : chosen) {
          String unfit = unfit(seen[i], isMasked(chosen, seen));
          if (!unfit.isEmpty()) {
            refused.add(i);
            leftOut = leftOut.and(object.views().get(i).name(), unfit);
          }
        }
      }
      candidates.removeIf(Set.copyOf(refused)::contains);
      if (candidates.size() < FEWEST) {
        throw tooFew(object, candidates.size(), leftOut);
      }
      if (refused.isEmpty()) {
        return chosen(object, chosen, seen, leftOut);
      }
      // The next choice spreads over what is left; what it does not hold need not stay in memory.
      Set<Integer> next = Set.copyOf(evenly(candidates, most));
      for (int i : chosen) {
        seen[i] = next.contains(i) ? seen[i] : null;
      }
    }
  }

  private static FrameChoice chosen(
      CapturedObject object, List<Integer> chosen, Observation[] seen, LeftOut leftOut) {
    List<CapturedView> views = new ArrayList<>();
    List<Observation> observations = new ArrayList<>();
    for (int i : chosen) {
      views.add(object.views().get(i));
      observations.add(seen[i]);
    }
    boolean masked = isMasked(chosen, seen);
    long cut = observations.stream().filter(observation -> !observation.whole()).count();
    List<String> notes = new ArrayList<>(object.notes());
    if (!masked && cut > 0) {
      notes.add(
          cut + " of " + chosen.size() + " frames have a mask, too few to find the object by");
    }
    // Half grey and more is what everybody expects.
    observations.stream()
        .flatMap(observation -> observation.rule().stream())
        .filter(rule -> rule != MaskRule.GREY)
        .distinct()
        .forEach(rule -> notes.add("masks are read as: " + rule.words()));
    return new FrameChoice(views, observations, masked, leftOut, notes);
  }

  /** Says whether most frames have their background cut away. */
  private static boolean isMasked(List<Integer> chosen, Observation[] seen) {
    long whole = chosen.stream().filter(i -> seen[i].whole()).count();
    return 2 * whole < chosen.size();
  }

  /** Returns why a frame that can be read is not used, or an empty text. */
  private static String unfit(Observation observation, boolean masked) {
    if (observation.outline().isEmpty()) {
      return "its mask is empty";
    }
    return masked && observation.whole()
        ? "its background is not cut away, as that of the others is"
        : "";
  }

  private static String reason(CapturedView view, IOException e) {
    String message = String.valueOf(e.getMessage());
    String image = view.image() + ": ";
    return message.startsWith(image) ? message.substring(image.length()) : message;
  }

  private static IOException tooFew(CapturedObject object, int left, LeftOut leftOut) {
    int all = object.views().size() + object.leftOut().count();
    String why = leftOut.isEmpty() ? "" : "; " + leftOut.describe("frame");
    return new IOException(
        object.id()
            + ": "
            + left
            + " of "
            + all
            + " frames can be used, expected at least "
            + FEWEST
            + why);
  }

  private static List<Integer> evenly(List<Integer> all, int most) {
    if (all.size() <= most) {
      return List.copyOf(all);
    }
    List<Integer> some = new ArrayList<>();
    for (int i = 0; i < most; i++) {
      some.add(all.get((int) ((long) i * all.size() / most)));
    }
    return some;
  }
}

package ai.fresnel.cvs.train;

import ai.fresnel.cvs.train.config.RecipeJson;
import ai.fresnel.cvs.train.config.TrainingConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The recipes of stage 2 that have a name: files beside this class that say what differs from
 * {@link TrainingConfig#consistency}.
 *
 * <ul>
 *   <li>{@code cd}: consistency distillation, coarse grids first (Song et al. 2023);
 *   <li>{@code ct}: improved consistency training, without a teacher (Song and Dhariwal 2023);
 *   <li>{@code ect}: consistency tuning of a diffusion model's weights (Geng et al. 2024);
 *   <li>{@code lcm}: distillation of an imported latent model into an adapter (Luo et al. 2023);
 *   <li>{@code progressive}: progressive distillation (Salimans and Ho 2022);
 *   <li>{@code sketch}: this project's first published outline, fine grids first, as far as it can
 *       be taken at its word.
 * </ul>
 */
public final class Recipes {

  /** The names, in the order of the alphabet. */
  public static final List<String> NAMES =
      List.of("cd", "ct", "ect", "lcm", "progressive", "sketch");

  private Recipes() {}

  /**
   * Reads a recipe over other settings.
   *
   * @param name one of {@link #NAMES}
   * @param defaults what holds for settings the recipe leaves out
   * @return the settings
   * @throws IllegalArgumentException if there is no such recipe
   */
  public static TrainingConfig named(String name, TrainingConfig defaults) {
    if (!NAMES.contains(name)) {
      throw new IllegalArgumentException(
          "recipe is \"" + name + "\", expected one of " + String.join(", ", NAMES));
    }
    String file = name + ".json";
    try (InputStream in = Recipes.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new LinkageError("this build of the library has no " + file);
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return RecipeJson.fromJson(text, "recipe " + name, defaults);
    } catch (IOException e) {
      throw new LinkageError("recipe " + name + " cannot be read", e);
    }
  }
}

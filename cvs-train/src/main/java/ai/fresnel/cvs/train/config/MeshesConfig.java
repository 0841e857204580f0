package ai.fresnel.cvs.train.config;

/**
 * How objects vary where they are rendered anew.
 *
 * @param meshStretch largest change of a side of an object that is rendered anew, 0 to 0.5
 * @param meshHue largest turn of its plain materials' hue, degrees, 0 to 180
 * @param textureSwap share of its textures that are replaced by made ones, 0 to 1
 */
public record MeshesConfig(double meshStretch, double meshHue, double textureSwap) {

  /**
   * Checks the settings.
   *
   * @param meshStretch as above
   * @param meshHue as above
   * @param textureSwap as above
   * @throws IllegalArgumentException if a setting is out of range
   */
  public MeshesConfig {
    Checks.require("meshStretch", meshStretch, meshStretch >= 0 && meshStretch <= 0.5, "0 to 0.5");
    Checks.require("meshHue", meshHue, meshHue >= 0 && meshHue <= 180, "0 to 180");
    Checks.require("textureSwap", textureSwap, textureSwap >= 0 && textureSwap <= 1, "0 to 1");
  }

  /**
   * Returns these settings with another {@code meshStretch}.
   *
   * @param value the setting
   * @return the settings
   */
  public MeshesConfig withMeshStretch(double value) {
    return new MeshesConfig(value, meshHue, textureSwap);
  }

  /**
   * Returns these settings with another {@code meshHue}.
   *
   * @param value the setting
   * @return the settings
   */
  public MeshesConfig withMeshHue(double value) {
    return new MeshesConfig(meshStretch, value, textureSwap);
  }

  /**
   * Returns these settings with another {@code textureSwap}.
   *
   * @param value the setting
   * @return the settings
   */
  public MeshesConfig withTextureSwap(double value) {
    return new MeshesConfig(meshStretch, meshHue, value);
  }
}

package ai.fresnel.cvs.json;

/**
 * The path of a value: its source and the names and indices from the root. Formatted only for an
 * error.
 *
 * @param source the name of the text
 * @param parent the path of the enclosing value, null at the root
 * @param name its name in an object, null in a list
 * @param index its index in a list, -1 in an object
 */
record JsonPath(String source, JsonPath parent, String name, int index) {

  static JsonPath root(String source) {
    return new JsonPath(source, null, null, -1);
  }

  JsonPath child(String childName) {
    return new JsonPath(source, this, childName, -1);
  }

  JsonPath child(int childIndex) {
    return new JsonPath(source, this, null, childIndex);
  }

  /** Returns the path, such as {@code unet.levels[2].channels}; empty at the root. */
  String path() {
    if (parent == null) {
      return "";
    }
    String before = parent.path();
    if (name == null) {
      return before + "[" + index + "]";
    } else if (name.matches("[0-9]{1,9}")) {
      return before + "[" + name + "]";
    } else if (name.matches("[A-Za-z_][A-Za-z0-9_]{0,63}")) {
      return before.isEmpty() ? name : before + "." + name;
    }
    return before + "[" + Json.quote(name) + "]";
  }

  /** Returns source and path, such as {@code config.json: unet.levels[2].channels}. */
  @Override
  public String toString() {
    return parent == null ? source : source + ": " + path();
  }

  /** Returns the start of an error about this path. */
  String prefix() {
    return this + ": ";
  }

  /** Returns the start of an error that names one of its settings next. */
  String settings() {
    return parent == null ? source + ": " : this + ".";
  }
}

package ai.fresnel.cvs.json;

/**
 * Where a value is: its source and its path from the root, made into text only for an error.
 *
 * @param source what the text is called
 * @param parent where the value around it is, null at the root
 * @param name its name there, null in a list
 * @param index its index there, -1 in an object
 */
record Place(String source, Place parent, String name, int index) {

  static Place root(String source) {
    return new Place(source, null, null, -1);
  }

  Place child(String childName) {
    return new Place(source, this, childName, -1);
  }

  Place child(int childIndex) {
    return new Place(source, this, null, childIndex);
  }

  /** As {@code unet.levels[2].channels}; empty at the root. */
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

  /** As {@code config.json: unet.levels[2].channels}. */
  @Override
  public String toString() {
    return parent == null ? source : source + ": " + path();
  }

  /** What stands before a sentence about this place. */
  String prefix() {
    return this + ": ";
  }

  /** What stands before a sentence that begins with the name of one of its settings. */
  String settings() {
    return parent == null ? source + ": " : this + ".";
  }
}

package ai.fresnel.cvs.checkpoint;

/**
 * Elements of one type that lie end to end in a file, or some of them.
 *
 * @param type their type
 * @param key which of the file's storages
 * @param start how many elements of that storage come before
 * @param count how many elements
 */
record Storage(StorageType type, String key, long start, long count) {

  long bytes() {
    return count * type.bytes;
  }
}

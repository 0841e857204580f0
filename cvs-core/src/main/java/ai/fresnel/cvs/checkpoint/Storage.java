package ai.fresnel.cvs.checkpoint;

/**
 * A contiguous run of elements of one type in a file: a torch storage or part of one.
 *
 * @param type the type of the elements
 * @param key the key of the storage in the file
 * @param start index of the first element in that storage
 * @param count number of elements
 */
record Storage(StorageType type, String key, long start, long count) {

  long bytes() {
    return count * type.bytes;
  }
}

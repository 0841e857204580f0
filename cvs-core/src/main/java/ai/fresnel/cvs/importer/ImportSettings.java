package ai.fresnel.cvs.importer;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What to import.
 *
 * @param kind what the weights are of
 * @param from a file of weights, or a folder as diffusers or transformers write it
 * @param description a folder with the {@code config.json} of diffusers or transformers, for a file
 *     that does not say all sizes; empty for the folder that is imported, or the published sizes
 */
public record ImportSettings(ImportKind kind, Path from, Optional<Path> description) {}

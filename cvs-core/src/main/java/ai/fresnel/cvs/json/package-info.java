/**
 * Strict JSON for settings, recipes and descriptions of models.
 *
 * <p>Start at {@link ai.fresnel.cvs.json.RecordJson}, which maps records to JSON and back. {@link
 * ai.fresnel.cvs.json.Json} parses and formats text. A {@link ai.fresnel.cvs.json.JsonValue} is a
 * value with its path in the file. An error is one line that says the file, the path, the value and
 * the expected value.
 */
package ai.fresnel.cvs.json;

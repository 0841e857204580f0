/**
 * JSON without leniency. {@link ai.fresnel.cvs.json.Json} parses and formats text, {@link
 * ai.fresnel.cvs.json.JsonValue} is a value that knows its place in its file, and {@link
 * ai.fresnel.cvs.json.RecordJson} maps records to JSON and back. All settings, recipes and
 * descriptions of models are read here. An error is one line that says the file, the path, the
 * value and what was expected.
 */
package ai.fresnel.cvs.json;

package ai.fresnel.cvs.examples;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.ArchConfiguration;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The rules of docs/architecture.md and CONTRIBUTING.md that a program can check. */
class ArchitectureTest {

  private static final String BASE = "ai.fresnel.cvs";
  private static final String TRAIN = BASE + ".train..";
  private static final String EXAMPLES = BASE + ".examples..";
  private static final DescribedPredicate<JavaClass> CORE =
      resideInAPackage(BASE + "..").and(not(resideInAnyPackage(TRAIN, EXAMPLES)));

  private static final List<String> MODULES =
      List.of("cvs-core", "cvs-train", "cvs-examples", "cvs-serving", "cvs-spark");
  private static final int MOST_LINES = 399;
  private static final int MOST_FILES = 29;
  private static final int MOST_LEVELS = 2;

  /** The classes of all modules, without those of tests. */
  private static JavaClasses classes;

  @BeforeAll
  static void read() {
    // Names are all the rules ask of classes from elsewhere.
    ArchConfiguration.get().setResolveMissingDependenciesFromClassPath(false);
    classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(BASE);
    assertTrue(classes.contain(BASE + ".ViewSynthesizer"), "cvs-core is not on the class path");
    assertTrue(classes.contain(BASE + ".train.DiffusionTrainer"), "cvs-train is not there");
    assertTrue(classes.contain(BASE + ".examples.cli.Cvs"), "cvs-examples is not there");
  }

  @Test
  void packagesFormNoCycle() {
    slices().assignedFrom(new Packages()).should().beFreeOfCycles().check(classes);
  }

  @Test
  void modulesDependOneWay() {
    noClasses()
        .that(CORE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(TRAIN, EXAMPLES)
        .check(classes);
    noClasses()
        .that()
        .resideInAPackage(TRAIN)
        .should()
        .dependOnClassesThat()
        .resideInAPackage(EXAMPLES)
        .check(classes);
  }

  @Test
  void coreDoesWithoutAwt() {
    noClasses()
        .that(CORE)
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.awt..", "javax.imageio..", "javax.swing..")
        .check(classes);
  }

  @Test
  void filesAreShort() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Path file : sources()) {
      long lines;
      try (Stream<String> text = Files.lines(file)) {
        lines = text.count();
      }
      String name = name(file);
      if (lines > MOST_LINES) {
        wrong.add(name + " has " + lines + " lines, expected at most " + MOST_LINES);
      }
    }
    assertEquals(List.of(), wrong);
  }

  @Test
  void packagesAreSmallAndNotDeep() throws IOException {
    Map<String, Integer> counts = new TreeMap<>();
    for (Path file : sources()) {
      counts.merge(name(file.getParent()), 1, Integer::sum);
    }
    List<String> wrong = new ArrayList<>();
    counts.forEach(
        (folder, files) -> {
          if (files > MOST_FILES) {
            wrong.add(folder + " has " + files + " files, expected at most " + MOST_FILES);
          }
          // The root holds the module descriptor alone.
          String inside = folder.replaceFirst("^.*/java(/ai/fresnel/cvs)?/?", "");
          if (inside.split("/").length > MOST_LEVELS) {
            wrong.add(folder + " is deep, expected at most " + MOST_LEVELS + " levels");
          }
        });
    assertEquals(List.of(), wrong);
  }

  /** Every Java file of the main and test trees. */
  private static List<Path> sources() throws IOException {
    List<Path> files = new ArrayList<>();
    for (String module : MODULES) {
      for (String tree : List.of("main", "test")) {
        try (Stream<Path> walk = Files.walk(root().resolve(module).resolve("src").resolve(tree))) {
          List<Path> java = walk.filter(file -> file.toString().endsWith(".java")).toList();
          assertTrue(!java.isEmpty(), module + " has no " + tree + " sources");
          files.addAll(java);
        }
      }
    }
    return files;
  }

  private static Path root() {
    return Path.of("..").toAbsolutePath().normalize();
  }

  private static String name(Path path) {
    return root().relativize(path).toString().replace('\\', '/');
  }

  /** Every package is a slice, the base package too. */
  private static final class Packages implements SliceAssignment {

    @Override
    public SliceIdentifier getIdentifierOf(JavaClass type) {
      return type.getPackageName().startsWith(BASE)
          ? SliceIdentifier.of(type.getPackageName())
          : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "packages of " + BASE;
    }
  }
}

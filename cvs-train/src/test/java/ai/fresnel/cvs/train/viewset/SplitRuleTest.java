package ai.fresnel.cvs.train.viewset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.fresnel.cvs.train.viewset.SplitRule.Item;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SplitRuleTest {

  @Test
  void sharesAreAboutAsAsked() {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 820; i++) {
      items.add(new Item("scene-" + i, "", "hash" + i));
    }
    Map<String, Split> splits = SplitRule.DEFAULT.assign(items);
    assertEquals(820, splits.size());
    long test = splits.values().stream().filter(split -> split == Split.TEST).count();
    long validation = splits.values().stream().filter(split -> split == Split.VALIDATION).count();
    assertTrue(test >= 80 && test <= 140, "test " + test);
    assertTrue(validation >= 40 && validation <= 95, "validation " + validation);
  }

  @Test
  void stemsLinkVariants() {
    assertEquals("chair", SplitRule.normalise("Chair"));
    assertEquals("chair", SplitRule.normalise("a/b\\CHAIR_02"));
    assertEquals("chair", SplitRule.normalise("chair-3 (1)".replace(")", "")));
    assertEquals("chair", SplitRule.normalise("kit/chair_01.obj"));
    assertEquals("chair2b", SplitRule.normalise("chair2b"));
    assertEquals("", SplitRule.normalise("0042"));
  }

  @Test
  void groupsAreConnectedThroughStemsAndMeshes() {
    // a–b by stem, b–c by mesh, c–d by stem; e alone; f and g have stems that say nothing.
    List<Item> items =
        new ArrayList<>(
            List.of(
                new Item("a", "chair_1", "m1"),
                new Item("b", "Chair_2", "m2"),
                new Item("c", "seat", "m2"),
                new Item("d", "seat-9", "m4"),
                new Item("e", "table", "m5"),
                new Item("f", "model", "m6"),
                new Item("g", "model", "m7"),
                new Item("h", "", "")));
    Map<String, List<String>> groups = SplitRule.groups(items);
    assertEquals(5, groups.size());
    assertTrue(groups.containsValue(List.of("a", "b", "c", "d")), groups.toString());
    assertTrue(groups.containsValue(List.of("h")));

    Collections.reverse(items);
    assertEquals(groups.keySet(), SplitRule.groups(items).keySet());
  }

  @Test
  void variantsNeverPart() {
    List<Item> items = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      items.add(new Item("id" + i, "kind" + (char) ('a' + i % 40 / 2) + "x_" + i, "mesh" + i));
    }
    Map<String, Split> splits = SplitRule.DEFAULT.assign(items);
    for (int i = 40; i < 400; i++) {
      assertEquals(splits.get("id" + i % 40), splits.get("id" + i));
    }
    assertTrue(splits.containsValue(Split.TRAIN));
  }

  @Test
  void anObjectKeepsItsSplitInAnotherSet() {
    Map<String, Split> alone = new java.util.HashMap<>();
    List<Item> all = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Item item = new Item("id" + i, "", "mesh" + i);
      all.add(item);
      alone.putAll(SplitRule.DEFAULT.assign(List.of(item)));
    }
    assertEquals(alone, SplitRule.DEFAULT.assign(all));
    assertNotEquals(1, alone.values().stream().distinct().count());
  }

  /** {@code random001} and {@code random002} are no variants; {@code chair_01} and its like are. */
  @Test
  void serialNumbersLinkNothing() {
    for (String name : new String[] {"random", "chair_", "shape-", "table 0", "a/b\\OBJ_"}) {
      List<Item> items = new ArrayList<>();
      for (int i = 100; i < 400; i++) {
        items.add(new Item("id" + i, SplitRule.stem(name + i + ".obj"), "mesh" + i));
      }
      assertEquals(300, SplitRule.groups(items).size(), name);
      assertEquals(3, SplitRule.DEFAULT.assign(items).values().stream().distinct().count(), name);
    }
    assertEquals("random7#", SplitRule.stem("random7"));
    assertEquals("Chair_0042#", SplitRule.stem("Chair_0042.glb"));
    for (String name : List.of("", "chair", "chair_02", "Chair 3.obj", "random", "model7")) {
      assertEquals(name, SplitRule.stem(name));
    }
    List<Item> copies =
        List.of(
            new Item("a", SplitRule.stem("random001"), "m1"),
            new Item("b", SplitRule.stem("random002"), "m1"));
    assertEquals(1, SplitRule.groups(copies).size(), "equal meshes stay together");
  }

  /**
   * Stems of sets written before serial numbers were marked, and of the bundled model's objects.
   */
  @Test
  void existingSplitsStay() {
    Map<String, Split> old =
        SplitRule.DEFAULT.assign(
            List.of(
                new Item("a", "random001", "m1"),
                new Item("b", "random002", "m2"),
                new Item("c", "lamp4", "m3")));
    assertEquals(Map.of("a", Split.TEST, "b", Split.TEST, "c", Split.TEST), old);
    // The three names of three digits in the furniture set.
    for (String name : List.of("apple-ibook-2001", "apple-imac-1998", "peugeot-308")) {
      List<Item> before = List.of(new Item("x", name, "mesh"));
      List<Item> now = List.of(new Item("x", SplitRule.stem(name), "mesh"));
      assertEquals(SplitRule.DEFAULT.assign(before), SplitRule.DEFAULT.assign(now), name);
    }
  }
}

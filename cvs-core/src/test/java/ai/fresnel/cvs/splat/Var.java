package ai.fresnel.cvs.splat;

import java.util.ArrayList;
import java.util.List;

/** A number that knows how it was made: automatic differentiation in its plainest form. */
final class Var {

  /** The numbers in the order they were made in. */
  static final class Tape {
    private final List<Var> made = new ArrayList<>();

    Var of(double value) {
      return new Var(this, value, null, 0, null, 0);
    }

    Var[] of(double[] values) {
      Var[] all = new Var[values.length];
      for (int i = 0; i < values.length; i++) {
        all[i] = of(values[i]);
      }
      return all;
    }

    /** Finds the derivatives of a number by all numbers before it. */
    void differentiate(Var result) {
      result.slope = 1;
      for (int i = made.size() - 1; i >= 0; i--) {
        Var one = made.get(i);
        if (one.first != null) {
          one.first.slope += one.slope * one.byFirst;
        }
        if (one.second != null) {
          one.second.slope += one.slope * one.bySecond;
        }
      }
    }
  }

  final double value;

  /** The derivative of the result by this number. */
  double slope;

  private final Tape tape;
  private final Var first;
  private final double byFirst;
  private final Var second;
  private final double bySecond;

  private Var(Tape tape, double value, Var first, double byFirst, Var second, double bySecond) {
    this.tape = tape;
    this.value = value;
    this.first = first;
    this.byFirst = byFirst;
    this.second = second;
    this.bySecond = bySecond;
    tape.made.add(this);
  }

  private Var one(double result, double by) {
    return new Var(tape, result, this, by, null, 0);
  }

  Var plus(Var other) {
    return new Var(tape, value + other.value, this, 1, other, 1);
  }

  Var minus(Var other) {
    return new Var(tape, value - other.value, this, 1, other, -1);
  }

  Var times(Var other) {
    return new Var(tape, value * other.value, this, other.value, other, value);
  }

  Var over(Var other) {
    double quotient = value / other.value;
    return new Var(tape, quotient, this, 1 / other.value, other, -quotient / other.value);
  }

  Var plus(double constant) {
    return one(value + constant, 1);
  }

  Var times(double constant) {
    return one(value * constant, constant);
  }

  Var negated() {
    return times(-1);
  }

  Var exp() {
    return one(Math.exp(value), Math.exp(value));
  }

  Var sqrt() {
    return one(Math.sqrt(value), 0.5 / Math.sqrt(value));
  }

  Var atMost(double limit) {
    return value < limit ? this : tape.of(limit);
  }

  Var atLeast(double limit) {
    return value >= limit ? this : tape.of(limit);
  }

  static Var sum(Var... terms) {
    Var sum = terms[0];
    for (int i = 1; i < terms.length; i++) {
      sum = sum.plus(terms[i]);
    }
    return sum;
  }

  /** The product of two matrices, row by row. */
  static Var[] product(Var[] a, Var[] b, int rows, int inner, int columns) {
    Var[] product = new Var[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        Var[] terms = new Var[inner];
        for (int k = 0; k < inner; k++) {
          terms[k] = a[i * inner + k].times(b[k * columns + j]);
        }
        product[i * columns + j] = sum(terms);
      }
    }
    return product;
  }

  static Var[] transposed(Var[] a, int rows, int columns) {
    Var[] transposed = new Var[a.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        transposed[j * rows + i] = a[i * columns + j];
      }
    }
    return transposed;
  }
}

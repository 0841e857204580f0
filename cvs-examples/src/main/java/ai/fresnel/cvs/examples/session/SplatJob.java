package ai.fresnel.cvs.examples.session;

import ai.fresnel.cvs.splat.GaussianCloud;
import java.util.Optional;

/** Gaussians that are made in the background. Thread-safe. */
public final class SplatJob {

  /** How far a job is. */
  public enum State {
    /** Others come first. */
    WAITING,
    /** The model draws views. */
    DRAWING,
    /** Gaussians are fitted to the views. */
    FITTING,
    /** The Gaussians are there. */
    DONE,
    /** There will be none: see the {@link Status#error}. */
    FAILED
  }

  /**
   * A moment of a job.
   *
   * @param state how far it is
   * @param progress 0 to 1 of the whole job
   * @param version 0 without Gaussians, 1 for the first ones, 2 for those that were fitted
   * @param gaussians how many there are
   * @param error one sentence if it failed
   */
  public record Status(
      State state, double progress, int version, int gaussians, Optional<String> error) {}

  private State state = State.WAITING;
  private double progress;
  private int version;
  private GaussianCloud cloud;
  private String error;
  private boolean cancelled;

  SplatJob() {}

  synchronized void advance(State next, double share) {
    state = next;
    progress = share;
  }

  synchronized void publish(GaussianCloud next) {
    cloud = next;
    version++;
  }

  synchronized void fail(String sentence) {
    state = State.FAILED;
    error = sentence;
  }

  /** Ends the job soon, if it has not ended. */
  synchronized void cancel() {
    cancelled = true;
  }

  synchronized boolean isCancelled() {
    return cancelled;
  }

  /**
   * Returns how far the job is.
   *
   * @return this moment
   */
  public synchronized Status status() {
    int gaussians = cloud == null ? 0 : cloud.size();
    return new Status(state, progress, version, gaussians, Optional.ofNullable(error));
  }

  /**
   * Returns the newest Gaussians.
   *
   * @return empty as long as there are none
   */
  public synchronized Optional<GaussianCloud> cloud() {
    return Optional.ofNullable(cloud);
  }
}

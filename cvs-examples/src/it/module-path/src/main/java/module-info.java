/** A user's application: it names CVS and nothing else. */
module shop {
  requires ai.fresnel.cvs;
}

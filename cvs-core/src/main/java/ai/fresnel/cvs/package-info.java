/** The door of CVS: a new view of an object from one photograph in one network pass. */
package ai.fresnel.cvs;

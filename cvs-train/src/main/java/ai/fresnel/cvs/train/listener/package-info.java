/**
 * DJL training listeners: what happens after each update. {@link
 * ai.fresnel.cvs.train.listener.EmaListener} keeps an average network, the inference weights or the
 * consistency target.
 */
package ai.fresnel.cvs.train.listener;

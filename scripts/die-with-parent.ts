/**
 * For scripts that boot starts: call `dieWithParent()` first thing, and the script ends when its parent is
 * killed. Programs started through boot have it already (`boot/preload.mjs`); a script started by hand has not.
 */
export { dieWithParent } from './boot/die-with-parent.mjs'

/**
 * Loaded by Node before the inner program (`--import`), so that each program that boot starts ends when boot
 * is killed, whether it knows of boot or not. Worker threads and forks load it too, by inheritance, and are
 * left alone: they die with the program.
 */
import { isMainThread } from 'node:worker_threads'
import { dieWithParent } from './die-with-parent.mjs'

if (isMainThread && process.env.SQUALL_BOOT === String(process.ppid)) dieWithParent()

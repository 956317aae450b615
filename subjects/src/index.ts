/** The clients the suites can drive. */
export { reference } from './reference.ts'

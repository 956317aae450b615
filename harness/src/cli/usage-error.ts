/** Wrong words on the command line. Shown in one line, with where to look; ends with 3. */
import { SquallError } from '../support/errors.ts'

export class UsageError extends SquallError {
  constructor(message: string) {
    super('usage', message)
  }
}

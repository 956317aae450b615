/** A client that lets an exception go, THROW_AFTER_MS after its start: nobody catches it, and the process ends. */
import { reference } from '@squall/subjects'
import { pause } from '../../clock.ts'

export const subject: typeof reference = {
  ...reference,
  name: 'throwing',
  start: (options) => {
    void pause(Number(process.env['THROW_AFTER_MS'])).then(() => {
      throw new Error('an exception that nobody catches')
    })
    return reference.start(options)
  },
}

/** A program in a test network whose rules bring packets to a queue at which nobody listens: `node ... DEVICE_INDEX`. */
import { every } from '../clock.ts'
import { QueueTable } from '../queue/queue-table.ts'

const table = new QueueTable(Number(process.argv[2]))
table.hook('in', 999)
table.hook('out', 998)
every(100, () => {
  table.renew('in')
  table.renew('out')
})
process.stdin.resume().on('end', () => process.exit(0))
process.stdout.write('ready\n')

/**
 * Two looks at the kernel and what was planted between them, for the test of the looks. Run it in namespaces of its own:
 *
 *   unshare --net --mount node planted-thing.ts <run id> <shell command that prints a line when it is done>
 */
import { execFileSync, spawn } from 'node:child_process'
import { compareSnapshots } from './compare.ts'
import { takeSnapshot } from './take-snapshot.ts'

const [runId = '', command = ''] = process.argv.slice(2)
// What is seen of the machine in a new network namespace is still the old one's until it is mounted anew.
const mounts = ['sysfs /sys', 'bpf /sys/fs/bpf', 'tmpfs /run/netns'].map(
  (what) => `mount -t ${what.split(' ')[0]} ${what}`,
)
execFileSync('sh', ['-c', ['mkdir -p /run/netns', ...mounts].join(' && ')])
for (const [ours, theirs] of [
  ['ours0', 'plain0'],
  ['vethours', 'vethpeer'],
] as const) {
  execFileSync('ip', ['link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs])
  execFileSync('ip', ['link', 'set', theirs, 'up'])
  execFileSync('ip', ['link', 'set', ours, 'up', 'alias', `squall-${runId}`])
}

const before = await takeSnapshot(undefined)
const planting = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'inherit'] })
await new Promise((resolve) => {
  planting.stdout.once('data', resolve)
  planting.once('exit', resolve)
})
const after = await takeSnapshot(undefined)
planting.stdin.end()
process.stdout.write(JSON.stringify(compareSnapshots(before, after, runId)))

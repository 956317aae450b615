/**
 * The first program inside User Mode Linux: loads the modules that netem needs, each after those it depends on. There
 * is no insmod on a small machine, so finit_module(2) is called. `node uml-guest.ts FOLDER` of the modules.
 */
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import koffi from 'koffi'

const wanted = [
  'ipv6',
  'tun',
  'cls_bpf',
  'veth',
  'sch_netem',
  'sch_ingress',
  'sch_prio',
  'cls_flower',
  'cls_matchall',
  'act_mirred',
  'ifb',
]

/** asm/unistd_64.h; User Mode Linux is for x86-64. */
const finitModule = 313
const alreadyLoaded = koffi.os.errno['EEXIST']

const systemCall: (number: number, fd: number, parameters: string, flags: number) => number = koffi
  .load(null)
  .func('long syscall(long number, long fd, const char *parameters, long flags)')

const [folder = '.'] = process.argv.slice(2)
const dependencies = new Map(
  readFileSync(path.join(folder, 'modules.dep'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(':'))
    .map(([file = '', needs = '']) => [
      path.basename(file, '.ko'),
      [...needs.trim().split(' ').toReversed(), file],
    ]),
)
for (const name of wanted) {
  for (const file of dependencies.get(name) ?? []) if (file !== '') load(path.join(folder, file))
}

function load(file: string): void {
  const fd = openSync(file, 'r')
  const isLoaded = systemCall(finitModule, fd, '', 0) === 0 || koffi.errno() === alreadyLoaded
  closeSync(fd)
  if (!isLoaded) console.error(`Cannot load ${file}: errno ${koffi.errno()}`)
}

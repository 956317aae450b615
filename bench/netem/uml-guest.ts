/**
 * The first program inside User Mode Linux: loads the modules that netem needs, each after those it depends on. There
 * is no insmod on a small machine, so finit_module(2) is called. `node uml-guest.ts FOLDER [engine]`, the
 * folder of the modules.
 */
import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import koffi from 'koffi'

const ofNetem = [
  'ipv6',
  'tun',
  'veth',
  'sch_netem',
  'sch_ingress',
  'sch_prio',
  'cls_bpf',
  'cls_flower',
  'cls_matchall',
  'act_mirred',
  'ifb',
]

/** Those of a container engine: its images, its bridge and its rules. */
const ofEngine = [
  'overlay',
  'bridge',
  'br_netfilter',
  'nf_conntrack',
  'iptable_nat',
  'iptable_filter',
  'iptable_mangle',
  'ip6table_filter',
  'ip6table_nat',
  'xt_conntrack',
  'xt_addrtype',
  'xt_MASQUERADE',
  'xt_nat',
  'xt_tcpudp',
  'xt_mark',
  'xt_comment',
]

/** asm/unistd_64.h; User Mode Linux is for x86-64. */
const finitModule = 313
const alreadyLoaded = koffi.os.errno['EEXIST']

const systemCall: (number: number, fd: number, parameters: string, flags: number) => number = koffi
  .load(null)
  .func('long syscall(long number, long fd, const char *parameters, long flags)')

const [folder = '.', engine] = process.argv.slice(2)
const wanted = engine === 'engine' ? [...ofNetem, ...ofEngine] : ofNetem
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

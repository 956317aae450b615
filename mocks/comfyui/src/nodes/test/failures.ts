/** What `TFail` raises, with the texts the recorded server sent (golden 06). */
import { outOfMemoryType, PythonError } from '../../python-error.ts'
import { WorkerDeath } from '../../worker-death.ts'
import type { failureKinds } from './catalog.ts'

type Kind = (typeof failureKinds)[number]

const failures: Readonly<Record<Kind, readonly [type: string, message: string, line: number]>> = {
  value: ['ValueError', 'synthetic failure', 34],
  oom: [
    outOfMemoryType,
    'CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 23.64 GiB of which 1.07 GiB is free. Including non-PyTorch memory, this process has 22.56 GiB memory in use. Of the allocated memory 21.90 GiB is allocated by PyTorch, and 201.00 MiB is reserved by PyTorch but unallocated.',
    35,
  ],
  oom_cudaless: [
    'RuntimeError',
    "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 1125899906842624 bytes. Error code 12 (Cannot allocate memory)",
    36,
  ],
  filenotfound: [
    'FileNotFoundError',
    "[Errno 2] No such file or directory: '/comfyui-models/checkpoints/gone.safetensors'",
    37,
  ],
  keyerror: ['KeyError', "'missing'", 38],
  runtime_shapes: ['RuntimeError', 'mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)', 39],
  systemexit: ['SystemExit', '3', 40],
  baseexc: ['KeyboardInterrupt', '', 41],
}

/** Raises the failure of that kind. The last two are no `Exception` in Python and end the worker (golden 14). */
export function failAs(kind: string): never {
  const [type, message, line] = failures[kind as Kind]
  if (kind === 'systemexit' || kind === 'baseexc') throw new WorkerDeath(type)
  throw new PythonError(type, message, [['/data/custom_nodes/t_nodes.py', line, 'run']])
}

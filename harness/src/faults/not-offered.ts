/** Kinds that people ask for and that no engine offers here, with what was measured or is known; `doctor` tells them. */
export const notOffered: readonly { readonly kind: string; readonly reason: string }[] = [
  {
    kind: 'slow-disk',
    // Measured with Engine 20.10, cgroup v1, a limit of 1 MiB/s on the disk and 8 MiB at a time: writing took 6 ms and
    // reading 7 to 15 ms, as without it; fsync took 8.0 s.
    reason:
      'block device limits slow down fsync only, what is written and read goes through the page cache; a device mapper or FUSE needs privileges',
  },
  {
    kind: 'clock',
    reason:
      'the kernel gives no process a time of day of its own (time namespaces offset uptime only), and a preloaded library needs a restart and misses programs that ask the kernel directly',
  },
]

/** The accounts of a base made here: root, and the one the programs run as. Images of Node and Python have 1000 too. */
export const userFiles = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nsquall:x:1000:1000:squall:/tmp:/bin/sh\n',
  'etc/group': 'root:x:0:\nsquall:x:1000:\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
} as const

/**
 * Numbers of the Linux user API that are used here, by header of Linux 6.18. The same on x86-64 and arm64 unless said
 * otherwise.
 */

/** asm-generic/fcntl.h */
export const openFlag = { readWrite: 0o2, nonBlock: 0o4000, closeOnExec: 0o2000000 } as const

/** linux/fcntl.h F_DUPFD_CLOEXEC */
export const duplicateFd = 1030

/** linux/if_tun.h */
export const tun = {
  device: '/dev/net/tun',
  /** TUNSETIFF, TUNSETOFFLOAD, TUNSETSNDBUF */
  setInterface: 0x40_04_54_ca,
  setOffload: 0x40_04_54_d0,
  setSendBuffer: 0x40_04_54_d4,
  /** IFF_TAP, IFF_NO_PI, IFF_VNET_HDR */
  tap: 0x00_02,
  noPacketInfo: 0x10_00,
  vnetHeader: 0x40_00,
  /** TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN: frames of up to 64 KiB, checksums left open. */
  allOffloads: 0x0f,
  /** struct virtio_net_hdr before each frame, linux/virtio_net.h */
  vnetHeaderBytes: 10,
} as const

/** linux/sockios.h */
export const interfaceRequest = {
  getFlags: 0x89_13,
  setFlags: 0x89_14,
  getMtu: 0x89_21,
  setMtu: 0x89_22,
  getHardwareAddress: 0x89_27,
  setTransmitQueue: 0x89_43,
} as const

/** linux/if.h: struct ifreq is a name of 16 bytes and a union, 40 bytes in all. */
export const ifreq = { bytes: 40, nameBytes: 16, valueAt: 16 } as const

/** linux/if.h IFF_UP */
export const interfaceUp = 0x1

/** linux/if_arp.h ARPHRD_ETHER */
export const hardwareEthernet = 1

/** linux/bpf.h */
export const bpf = {
  /** BPF_PROG_LOAD, BPF_LINK_CREATE */
  loadProgram: 5,
  createLink: 28,
  /** BPF_PROG_TYPE_SCHED_CLS */
  classifier: 3,
  /** BPF_TCX_INGRESS, BPF_TCX_EGRESS; since Linux 6.6 */
  tcxIngress: 46,
  tcxEgress: 47,
  /** TCX_NEXT, TCX_DROP */
  next: -1,
  drop: 2,
  /** BPF_FUNC_redirect and its flag BPF_F_INGRESS */
  redirect: 23,
  toIngress: 1,
  /** struct __sk_buff: offset of `mark` */
  markAt: 8,
  /** union bpf_attr is padded to this by us; the kernel wants what it does not know to be zero. */
  attributeBytes: 144,
} as const

/** Number of bpf(2): asm/unistd_64.h, asm-generic/unistd.h */
export const bpfSystemCall: Readonly<Record<string, number>> = { x64: 321, arm64: 280 }

/** asm-generic/socket.h and linux/socket.h */
export const socketKind = { inet: 2, datagram: 2, closeOnExec: 0o2000000 } as const

/** poll.h */
export const pollIn = 0x1

/** linux/eventfd.h EFD_CLOEXEC */
export const eventfdCloseOnExec = 0o2000000

/** linux/prctl.h PR_SET_TIMERSLACK; linux/sched.h SCHED_FIFO; sys/resource.h PRIO_PROCESS */
export const scheduling = { setTimerSlack: 29, fifo: 1, priorityOfProcess: 0 } as const

/** linux/sched.h CLONE_NEWNET */
export const newNetwork = 0x40_00_00_00

/** bits/socket.h AF_NETLINK, SOCK_RAW, SOCK_NONBLOCK; linux/netlink.h, linux/netfilter/nfnetlink.h */
export const netlink = {
  family: 16,
  raw: 3,
  nonBlock: 0o4000,
  /** NETLINK_NETFILTER */
  netfilter: 12,
  /** NLM_F_REQUEST, _ACK, _CREATE, _APPEND, _DUMP */
  request: 0x1,
  acknowledge: 0x4,
  create: 0x400,
  append: 0x800,
  dump: 0x300,
  /** NLMSG_ERROR, which with code 0 acknowledges; NLMSG_DONE */
  error: 2,
  done: 3,
  /** NLA_F_NESTED, NLA_TYPE_MASK */
  nested: 0x80_00,
  typeMask: 0x3f_ff,
  /** NFNL_MSG_BATCH_BEGIN, _END */
  batchBegin: 0x10,
  batchEnd: 0x11,
  /** NFNL_SUBSYS_CTNETLINK, _NFTABLES; a message's type is its own number with this above it. */
  connectionTracking: 1,
  tables: 10,
} as const

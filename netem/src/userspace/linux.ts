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
  /** BPF_MAP_CREATE, BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_PROG_LOAD, BPF_LINK_CREATE */
  createMap: 0,
  lookUpElement: 1,
  updateElement: 2,
  loadProgram: 5,
  createLink: 28,
  /** BPF_PROG_TYPE_SCHED_CLS */
  classifier: 3,
  /** BPF_MAP_TYPE_ARRAY */
  arrayMap: 2,
  /** BPF_PSEUDO_MAP_VALUE: the number of an instruction is a map, and means the address of its value; since Linux 5.2 */
  mapValue: 2,
  /** BPF_TCX_INGRESS, BPF_TCX_EGRESS; since Linux 6.6 */
  tcxIngress: 46,
  tcxEgress: 47,
  /** TCX_NEXT, TCX_DROP */
  next: -1,
  drop: 2,
  /** What a filter that does not act itself answers: net/sched/cls_bpf.c cls_bpf_classify */
  theClassOfTheFilter: -1,
  noMatch: 0,
  /** BPF_FUNC_redirect and its flag BPF_F_INGRESS */
  redirect: 23,
  toIngress: 1,
  /** BPF_FUNC_ktime_get_ns: CLOCK_MONOTONIC, which stands still while the machine sleeps */
  getTimeNs: 5,
  /** struct __sk_buff: offset of `mark` */
  markAt: 8,
  /** union bpf_attr is padded to this by us; the kernel wants what it does not know to be zero. */
  attributeBytes: 144,
} as const

/** Number of bpf(2): asm/unistd_64.h, asm-generic/unistd.h */
export const bpfSystemCall: Readonly<Record<string, number>> = { x64: 321, arm64: 280 }

/** asm-generic/socket.h and linux/socket.h */
export const socketKind = { inet: 2, datagram: 2, closeOnExec: 0o2000000 } as const

/** asm-generic/socket.h SOL_SOCKET, SO_RCVBUF, SO_RCVBUFFORCE; linux/socket.h SOL_NETLINK; linux/netlink.h NETLINK_NO_ENOBUFS */
export const socketOption = {
  level: 1,
  receiveBytes: 8,
  receiveBytesForce: 33,
  levelNetlink: 270,
  noOverflowError: 5,
} as const

/** AF_NETLINK sockets, the flags and types of their messages, struct nlmsghdr and the head of an attribute (linux/netlink.h) */
export const netlink = {
  family: 16,
  raw: 3,
  nonBlock: 0o4000,
  /** NETLINK_ROUTE, NETLINK_NETFILTER */
  route: 0,
  netfilter: 12,
  /** NLM_F_REQUEST, _ACK, _DUMP, _EXCL, _CREATE, _APPEND */
  request: 0x1,
  acknowledge: 0x4,
  dump: 0x3_00,
  exclusive: 0x2_00,
  create: 0x4_00,
  append: 0x8_00,
  /** NLMSG_ERROR, which with code 0 acknowledges; NLMSG_DONE */
  error: 2,
  done: 3,
  headBytes: 16,
  attributeHeadBytes: 4,
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

/** linux/rtnetlink.h, linux/pkt_sched.h and linux/pkt_cls.h */
export const traffic = {
  newQdisc: 36,
  deleteQdisc: 37,
  newFilter: 44,
  deleteFilter: 45,
  getFilter: 46,
  /** TC_H_CLSACT, its own handle, and what it offers as parents of filters */
  clsact: 0xff_ff_ff_f1,
  clsactHandle: 0xff_ff_00_00,
  clsactIngress: 0xff_ff_ff_f2,
  clsactEgress: 0xff_ff_ff_f3,
  /** struct tcmsg */
  messageBytes: 20,
  /** TCA_KIND, TCA_OPTIONS */
  kind: 1,
  options: 2,
  /** TCA_BPF_CLASSID, TCA_BPF_FD, TCA_BPF_NAME, TCA_BPF_FLAGS with TCA_BPF_FLAG_ACT_DIRECT */
  bpfClass: 3,
  bpfProgram: 6,
  bpfName: 7,
  bpfFlags: 8,
  bpfActs: 1,
  /** ETH_P_ALL in network order */
  everyProtocol: 0x03_00,
} as const

/** poll.h */
export const pollIn = 0x1

/** linux/eventfd.h EFD_CLOEXEC */
export const eventfdCloseOnExec = 0o2000000

/** linux/prctl.h PR_SET_TIMERSLACK; linux/sched.h SCHED_OTHER and SCHED_FIFO; sys/resource.h PRIO_PROCESS */
export const scheduling = { setTimerSlack: 29, other: 0, fifo: 1, priorityOfProcess: 0 } as const

/** linux/sched.h CLONE_NEWNET */
export const newNetwork = 0x40_00_00_00

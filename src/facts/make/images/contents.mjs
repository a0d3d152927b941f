/** What packages bring that no index at hand tells: programs, and the packages of Alpine itself. */

/** Programs that scripts of a package link, so that no index tells of them. */
export const ALTERNATIVES = {
  mawk: 'awk nawk mawk',
  gawk: 'awk nawk gawk',
  debianutils:
    'which which.debianutils add-shell remove-shell installkernel ischroot run-parts savelog tempfile update-shells',
  tar: 'tar rmt',
  automake: 'automake aclocal',
  'pinentry-curses': 'pinentry',
  'xz-utils': 'lzma unlzma lzcat lzless lzmore lzgrep lzegrep lzfgrep lzcmp lzdiff',
  'imagemagick-6.q16':
    'animate compare composite conjure convert display identify import mogrify montage stream animate-im6 compare-im6 composite-im6 conjure-im6 convert-im6 display-im6 identify-im6 import-im6 mogrify-im6 montage-im6 stream-im6',
  'imagemagick-7.q16':
    'animate compare composite conjure convert display identify import magick magick-script mogrify montage stream',
  gcc: 'cc c89 c99',
  'g++': 'c++',
  dash: 'sh dash',
  less: 'pager',
  'netcat-openbsd': 'nc netcat',
  'netcat-traditional': 'nc netcat',
  vim: 'vi view ex vimdiff editor rvim rview',
  'vim-tiny': 'vi view ex editor',
  nano: 'editor pico',
  'util-linux': 'pager',
  'rust-coreutils': '',
};

const BUSYBOX =
  '[ [[ acpid add-shell addgroup adduser adjtimex arch arp arping ash awk base64 basename bbconfig bc beep blkdiscard blkid blockdev brctl bunzip2 busybox bzcat bzip2 cal cat chgrp chmod chown chpasswd chroot chvt cksum clear cmp comm cp cpio crond crontab cryptpw cut date dc dd deallocvt delgroup deluser depmod df diff dirname dmesg dnsdomainname dos2unix du dumpkmap echo egrep eject env ether-wake expand expr factor fallocate false fatattr fbset fbsplash fdflush fdisk fgrep find findfs flock fold free fsck fstrim fsync fuser getopt getty grep groups gunzip gzip halt hd head hexdump hostid hostname hwclock id ifconfig ifdown ifenslave ifup init inotifyd insmod install ionice iostat ip ipaddr ipcalc ipcrm ipcs iplink ipneigh iproute iprule iptunnel kbd_mode kill killall killall5 klogd last less link linux32 linux64 ln loadfont loadkmap logger login logread losetup ls lsattr lsmod lsof lsusb lzcat lzma lzop lzopcat makemime md5sum mdev mesg microcom mkdir mkdosfs mkfifo mkfs.vfat mknod mkpasswd mkswap mktemp modinfo modprobe more mount mountpoint mpstat mv nameif nanddump nandwrite nbd-client nc netstat nice nl nmeter nohup nologin nproc nsenter nslookup ntpd od openvt partprobe passwd paste pgrep pidof ping ping6 pipe_progress pivot_root pkill pmap poweroff printenv printf ps pscan pstree pwd pwdx raidautorun rdate rdev readahead readlink realpath reboot reformime remove-shell renice reset resize rev rfkill rm rmdir rmmod route run-parts sed sendmail seq setconsole setfont setkeycodes setlogcons setpriv setserial setsid sh sha1sum sha256sum sha3sum sha512sum showkey shred shuf slattach sleep sort split stat strings stty su sum swapoff swapon switch_root sync sysctl syslogd tac tail tar tee test time timeout top touch tr traceroute traceroute6 tree true truncate tty ttysize tunctl udhcpc udhcpc6 umount uname unexpand uniq unix2dos unlink unlzma unlzop unshare unxz unzip uptime usleep uudecode uuencode vconfig vi vlock volname watch watchdog wc wget which who whoami whois xargs xxd xzcat yes zcat zcip';

/** By general knowledge: there is no index of Alpine's packages at hand. */
export const ALPINE_COMMANDS = {
  busybox: BUSYBOX,
  'apk-tools': 'apk',
  'musl-utils': 'getconf getent iconv ldconfig ldd locale',
  scanelf: 'scanelf',
  ssl_client: 'ssl_client',
  bash: 'bash bashbug',
  curl: 'curl',
  git: 'git git-receive-pack git-shell git-upload-archive git-upload-pack scalar',
  openssl: 'openssl',
  'ca-certificates': 'c_rehash update-ca-certificates',
  tar: 'tar',
  xz: 'xz xzcat unxz lzma unlzma lzcat xzgrep xzless xzdiff xzcmp xzmore xzdec lzmainfo lzmadec xzegrep xzfgrep lzcmp lzdiff lzegrep lzfgrep lzgrep lzless lzmore',
  procps:
    'free kill pgrep pidof pkill pmap ps pwait pwdx skill slabtop snice sysctl tload top uptime vmstat w watch',
  'gmp-dev': '',
};

const ALPINE_314 =
  'alpine-baselayout alpine-keys apk-tools busybox ca-certificates-bundle libc-utils libcrypto1.1 libretls libssl1.1 musl musl-utils scanelf ssl_client zlib';
const ALPINE_317 =
  'alpine-baselayout alpine-baselayout-data alpine-keys apk-tools busybox busybox-binsh ca-certificates-bundle libc-utils libcrypto3 libssl3 musl musl-utils scanelf ssl_client zlib';
const ALPINE_321 =
  'alpine-baselayout alpine-baselayout-data alpine-keys alpine-release apk-tools busybox busybox-binsh ca-certificates-bundle libcrypto3 libssl3 musl musl-utils scanelf ssl_client zlib';

/** Packages of Alpine itself where the list was read; what lies between is as the older one. */
export const ALPINE_LISTS = {
  3.14: ALPINE_314,
  3.15: ALPINE_314,
  3.16: `${ALPINE_314} alpine-baselayout-data`,
  3.17: ALPINE_317,
  3.18: ALPINE_317,
  3.19: ALPINE_317,
  '3.20': ALPINE_321,
  3.21: ALPINE_321,
  3.22: ALPINE_321,
  3.23: `${ALPINE_321} libapk`,
  3.24: `${ALPINE_321} libapk`,
};

// What the first process of a sandbox does, in the words of the shell: it builds a root of its own of the
// few folders that a program needs, read-only, goes there for good, and starts the program without rights.

/**
 * For `sh -c`, in a user namespace in which nobody is anybody yet: says so on descriptor 3, and runs its
 * arguments, as root there, when a line of standard input says that the users are mapped.
 */
export const mappingScript = `
echo unmapped >&3
read -r _ || { echo "mapping of users failed" >&2; exit 1; }
exec "$@"
`;

/**
 * For `sh -c`, as root of new namespaces. Arguments: folders and files to show, "--", the program's environment and
 * command. ROOT is an empty folder, MEMORY, SPACE (bytes), PROCESSES, FILES and SECONDS_MAX are the limits,
 * RUN_AS a user id or "own". Standard input is the file "main" beside which the program starts. Descriptor
 * 3 tells "ready" when all is set up, and at last the program's exit status.
 */
export const setupScript = `
set -eu
umask 022
PATH=/usr/sbin:/usr/bin:/sbin:/bin
# Where memory is short, this goes first.
(echo 1000 > /proc/self/oom_score_adj) 2>/dev/null || :
# Shared memory that nobody maps counts for no process.
for limit in shmmni shmall msgmni; do
  (echo 0 > "/proc/sys/kernel/$limit") 2>/dev/null || :
done
# No further user namespaces, in which a program would have rights. A trial sees whether that is so.
(echo 0 > /proc/sys/user/max_user_namespaces) 2>/dev/null || :

mount -t tmpfs -o mode=755,size=4m sandbox "$ROOT"
cd "$ROOT"
mkdir dev etc proc tmp .outside
# First: what is needed may lie in it.
mount -t tmpfs -o "nosuid,nodev,mode=1777,size=$SPACE,nr_inodes=4096" sandbox tmp
while [ "$1" != -- ]; do
  mkdir -p ".\${1%/*}"
  if [ -L "$1" ]; then
    cp -P "$1" ".$1"
  elif [ -f "$1" ]; then
    : > ".$1"
    mount --bind "$1" ".$1"
  else
    mkdir -p ".$1"
    mount --rbind "$1" ".$1"
  fi
  shift
done
shift
for name in ld.so.cache alternatives; do
  if [ -e "/etc/$name" ]; then cp -RP "/etc/$name" etc; fi
done
for device in null zero full random urandom; do
  : > "dev/$device"
  mount --bind "/dev/$device" "dev/$device"
done
ln -s /proc/self/fd dev/fd
ln -s /tmp dev/shm
# A container may refuse it; programs do without.
mount -t proc sandbox proc 2>/dev/null || :

mounts=$(cat /proc/self/mountinfo)
printf '%s\\n' "$mounts" | while read -r _ _ _ _ point options _; do
  case $point in
    *\\\\040*) point=$(printf '%s' "$point" | sed 's/\\\\040/ /g') ;;
  esac
  case $point in
    "$ROOT"/dev/* | "$ROOT"/tmp) continue ;;
    "$ROOT" | "$ROOT"/*) ;;
    *) continue ;;
  esac
  case ,$options, in
    *,noexec,*) kept=,noexec ;;
    *) kept= ;;
  esac
  mount -o "remount,bind,ro,nosuid,nodev$kept" "$point"
done

pivot_root . .outside
cd /tmp
umount -l /.outside
cat > main
if [ "$RUN_AS" = own ]; then
  user=
else
  user="--reuid=$RUN_AS --regid=$RUN_AS --clear-groups"
fi
echo ready >&3
set +e
setpriv $user --no-new-privs --bounding-set=-all --inh-caps=-all \\
  prlimit --cpu="$SECONDS_MAX" --as="$MEMORY" --nproc="$PROCESSES" --fsize="$SPACE" \\
  --nofile="$FILES" --core=0 \\
  env -i PATH=/usr/bin:/bin HOME=/tmp TMPDIR=/tmp LANG=C.UTF-8 "$@" < /dev/null 3>&-
echo "exit $?" >&3
`;

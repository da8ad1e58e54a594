# Looks for what has to be on the machine before anything is installed: `sh tools/machine.sh PYTHON NODE`.
# Says nothing and ends with 0 where all is there. Otherwise says what was found and what is needed, and ends with 1.
# PYTHON is the interpreter to be used; where it is "", those with the usual names are shown. NODE is the first version
# of Node that will do.

PYTHON_MINOR=11
NODE_NEEDED=$2
found=""
is_complete=yes

# note NAME WHAT [FAULT]
note() {
	found="$found
  $(printf '%-8s' "$1")$2${3:+: $3}"
	test -z "$3" || is_complete=no
}

note_python() {
	version=$("$1" -c 'import sys; print("%d.%d.%d" % sys.version_info[:3])' 2>/dev/null) || {
		note Python "$1" "does not run"
		return
	}
	minor=$(echo "$version" | cut -d. -f2)
	if ! test "${version%%.*}" -eq 3 || ! test "$minor" -ge $PYTHON_MINOR; then
		note Python "$version ($1)" "3.$PYTHON_MINOR or newer is needed"
	elif ! "$1" -c 'import venv, ensurepip, ssl' >/dev/null 2>&1; then
		note Python "$version ($1)" "without venv, ensurepip or ssl, which come in packages of their own (python3-venv)"
	else
		note Python "$version ($1)"
	fi
}

if test -n "$1"; then
	note_python "$1"
else
	for name in python3 python3.14 python3.13 python3.12 python3.11 python; do
		if command -v "$name" >/dev/null 2>&1; then note_python "$name"; fi
	done
	test -n "$found" || note Python "not found" "3.$PYTHON_MINOR or newer is needed"
fi

node_version=$(node --version 2>/dev/null)
node_major=$(echo "${node_version#v}" | cut -d. -f1)
if test -z "$node_version"; then
	note Node "not found" "$NODE_NEEDED or newer is needed"
elif ! test "$node_major" -ge "$NODE_NEEDED" 2>/dev/null; then
	note Node "$node_version" "$NODE_NEEDED or newer is needed"
else
	note Node "$node_version"
fi

npm_version=$(npm --version 2>/dev/null)
if test -n "$npm_version"; then
	note npm "$npm_version"
else
	note npm "not found, or does not run" "it comes with Node, or in a package of its own (npm)"
fi

test $is_complete = no || exit 0
cat >&2 <<END

Dog n Bone needs Python 3.$PYTHON_MINOR or newer, and Node $NODE_NEEDED or newer with npm. On this machine:
$found

Nothing was installed. On Debian or Ubuntu: apt install python3 python3-venv nodejs npm
Another Python than the first that is found: make PYTHON=/path/to/python3 …
END
exit 1

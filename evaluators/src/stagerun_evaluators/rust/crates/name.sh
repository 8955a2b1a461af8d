#!/bin/sh
# Stands before rustc for our own package: every crate that cargo hands over, under a name with a digest, gets one that stays.
for each; do
  name=${each%%=*} file=${each##*/}
  case "$each" in
    *=*/lib*.rmeta | *=*/lib*.rlib) ln -sf "deps/${file%.*}.rlib" "lib$name.rlib" ;;
    *=*/lib*.so) ln -sf "deps/$file" "lib$name.so" ;;
  esac
done
exec "$@"

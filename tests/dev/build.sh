# ./dev build [release|dev]. Sourced.

cmd_build() {
  local preset=${1:-release}
  [[ $preset =~ ^(release|dev)$ ]] || usage_error "build: release or dev, not '$preset'"
  packages_need "$([ "$preset" = dev ] && echo test || echo demo)"
  build_preset "$preset"
  [ "$preset" = dev ] && say "build/dev/sandscript" || say "build/sandscript, build/sandscript.so"
}

build_preset() {
  # The presets use Ninja; a folder configured otherwise is started anew.
  if [ ! -f "build/$1/build.ninja" ]; then
    rm -rf "build/$1/CMakeCache.txt" "build/$1/CMakeFiles"
    step "configure $1" cmake --preset "$1"
  fi
  step "build $1" cmake --build --preset "$1"
  if [ "$1" = release ]; then
    ln -sfn release/sandscript build/sandscript
    ln -sfn release/sandscript.so build/sandscript.so
  fi
}

# A repository's life: commits, a branch, a conflict, rebase, tags, packing, clones over a pipe and from a folder, fetch, push, bisect, patches, hooks.
export GIT_AUTHOR_NAME=Ann GIT_AUTHOR_EMAIL=ann@example.org GIT_COMMITTER_NAME=Ben GIT_COMMITTER_EMAIL=ben@example.org
export GIT_AUTHOR_DATE='1700000000 +0100' GIT_COMMITTER_DATE='1700000000 +0100' GIT_CONFIG_NOSYSTEM=1 HOME=/case
git config --global init.defaultBranch main; git config --global advice.detachedHead false; git config --global protocol.file.allow always
git init -q garden && cd garden
for i in $(seq 1 40); do
  mkdir -p "plot$((i % 5))"; seq $i 7 $((i * 30)) > "plot$((i % 5))/bed$i.txt"
  git add -A; git commit -qm "bed $i" || exit 1
done
git log --oneline | wc -l; git log --format='%h %an %cn %ad %s' -3
git switch -qc spring HEAD~10; sed -i 's/^2/two /' plot*/bed*.txt; git commit -qam 'spring: new words'; printf 'one\ntwo\nthree\n' > shared; git add shared; git commit -qm 'spring: shared'
git switch -q main; printf 'one\n2\nthree\n' > shared; git add shared; git commit -qm 'main: shared'
git merge spring; echo "merge: $?"; git status --short | head -n 5; cat shared
printf 'one\n2 two\nthree\n' > shared; git add shared; git commit -qm 'merge spring'; git log --graph --oneline -8; git diff --stat HEAD~1 | tail -n 3
git switch -qc side HEAD~3; echo side > side.txt; git add .; git commit -qm side; git rebase -q main; echo "rebase: $?"; git log --oneline -2
git switch -q main; git merge -q --ff-only side; git tag -a v1 -m 'first'; git describe; git show --stat v1 | head -n 12
git gc -q; git count-objects -v | grep -E '^(count|in-pack|packs|garbage)'; git fsck --full --strict; echo "fsck: $?"
git clone -q --no-local . ../over-a-pipe; git -C ../over-a-pipe log --oneline | wc -l
git clone -q --bare . ../bare.git; git clone -q --depth 3 file:///case/bare.git ../shallow; git -C ../shallow log --oneline
cd ../over-a-pipe; git switch -qc work; seq 100 > numbers; git add numbers; git commit -qm numbers; git remote add bare ../bare.git
printf '#!/bin/sh\nwhile read old new ref; do echo "hook sees $ref"; done\n' > ../bare.git/hooks/post-receive; chmod +x ../bare.git/hooks/post-receive
git push -q bare work; echo "push: $?"; cd ../garden; git fetch -q ../bare.git work:work; git rev-parse work; git cat-file -p work^{tree}
git stash -q; echo dirty >> shared; git stash; git stash list; git stash pop -q; git diff | tail -n 3; git checkout -q shared
git format-patch -q -1 work --stdout > ../one.patch; git apply --check ../one.patch; git am -q ../one.patch; git log -1 --format=%T
git bisect start HEAD HEAD~30 > /dev/null; git bisect run sh -c '! test -e plot3/bed33.txt' | tail -n 3; git bisect reset 2> /dev/null
git blame -s plot1/bed31.txt | head -n 3; git grep -c 91 | sort | head -n 3; git ls-files | git hash-object --stdin; git archive HEAD plot2 | tar -t | wc -l
git -C ../bare.git rev-list --all --objects | sort | sha256sum; git rev-parse HEAD

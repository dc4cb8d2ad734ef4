# shellcheck shell=bash
# Chooses the role: ROLECALL_ROLE set by the person, else this terminal's choice, else the default.

# _rolecall_here is PARTITION/REGION, where this terminal chose a region. The file is that of
# rolecall/credentials/store/choice.py.
_rolecall_role=${ROLECALL_ROLE:-} _rolecall_here='' _rolecall_choice='' _rolecall_text=''
[[ $_rolecall_role != arn:* ]] || ! _rolecall_read_cold names || _rolecall_name_role
# `use rolecall ROLE`: the default role of this folder, also for what a person types in it.
if [[ -n ${_rolecall_wanted:-} ]]; then
  export ROLECALL_DEFAULT_ROLE=$_rolecall_wanted ROLECALL_PROJECT=$_rolecall_root
fi
if [[ -n $_rolecall_terminal ]] && _rolecall_is_ours "$_rolecall_dir/terminals/$_rolecall_terminal"; then
  { IFS= read -r -n 700 _rolecall_choice && { IFS= read -r -n 100 _rolecall_here || [[ -z $_rolecall_here ]]; } &&
    ! IFS= read -r -n 700 _rolecall_text; } <"$_rolecall_dir/terminals/$_rolecall_terminal" || _rolecall_choice='' _rolecall_here=''
  [[ $_rolecall_choice != *[!A-Za-z0-9_.@+=,:/-]* && ${#_rolecall_choice} -le 640 && $_rolecall_here != *[!a-z0-9/-]* &&
    ${#_rolecall_here} -le 90 && -z $_rolecall_text ]] || _rolecall_choice='' _rolecall_here=''
fi
_rolecall_role=${_rolecall_role:-${_rolecall_choice:-${_rolecall_wanted:-${_rolecall_default:-${ROLE_ARN:-}}}}}
[[ $_rolecall_role != arn:* ]] || ! _rolecall_read_cold names || _rolecall_name_role

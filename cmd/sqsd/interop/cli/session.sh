# A session of the AWS CLI with every action of SQS; run by the tests of package interop.
set -euo pipefail

legacy=AWS.SimpleQueueService.
trap 'echo "line $LINENO failed" >&2' ERR

# The AWS CLI, version 1, does not take the endpoint of SQS from the environment.
sqs() { aws --endpoint-url "$AWS_ENDPOINT_URL_SQS" --output text sqs "$@"; }

same() {
	[ "$1" = "$2" ] || { echo "got '$1', want '$2'" >&2; return 1; }
}

# fails CODE ARGUMENTS...: the call fails with the code.
fails() {
	local code=$1 said
	shift
	if said=$(sqs "$@" 2>&1); then echo "$* did not fail" >&2; return 1; fi
	case $said in *"($code)"*) ;; *) echo "$*: got $said, want $code" >&2; return 1 ;; esac
}

create() { sqs create-queue --queue-name "$SQS_PREFIX-$1" --query QueueUrl "${@:2}"; }

attribute() { sqs get-queue-attributes --queue-url "$1" --attribute-names "$2" --query "Attributes.$2"; }

# becomes WANT COMMAND...: the command prints WANT within twenty seconds.
becomes() {
	local want=$1 got=
	shift
	for _ in $(seq 20); do
		got=$("$@")
		if [ "$got" = "$want" ]; then return; fi
		sleep 1
	done
	same "$got" "$want"
}

# Queues
jobs=$(create jobs --attributes VisibilityTimeout=40 --tags team=red)
same "$(create jobs --attributes VisibilityTimeout=40)" "$jobs"
same "$(sqs get-queue-url --queue-name "$SQS_PREFIX-jobs" --query QueueUrl)" "$jobs"
other=$(create other)
same "$(sqs list-queues --queue-name-prefix "$SQS_PREFIX" --page-size 1 --query QueueUrls | xargs)" "$jobs $other"
fails QueueAlreadyExists create-queue --queue-name "$SQS_PREFIX-jobs" --attributes VisibilityTimeout=41

# Settings
sqs set-queue-attributes --queue-url "$jobs" --attributes MessageRetentionPeriod=3600
same "$(attribute "$jobs" MessageRetentionPeriod)" 3600
sqs tag-queue --queue-url "$jobs" --tags team=blue
same "$(sqs list-queue-tags --queue-url "$jobs" --query Tags.team)" blue
sqs untag-queue --queue-url "$jobs" --tag-keys team
same "$(sqs list-queue-tags --queue-url "$jobs")" ""
sqs add-permission --queue-url "$jobs" --label share --aws-account-ids 111111111111 --actions SendMessage
case $(attribute "$jobs" Policy) in *'"Sid":"share"'*) ;; *) false ;; esac
sqs remove-permission --queue-url "$jobs" --label share
same "$(attribute "$jobs" Policy)" None

# Messages
body='résumé <&> "quoted" 😀'
same "$(sqs send-message --queue-url "$jobs" --message-body "$body" --query MD5OfMessageBody \
	--message-attributes '{"color":{"DataType":"String","StringValue":"blue"}}')" "$(printf %s "$body" | md5sum | cut -d' ' -f1)"
read -r handle color count <<<"$(sqs receive-message --queue-url "$jobs" --attribute-names All --message-attribute-names All \
	--query 'Messages[0].[ReceiptHandle,MessageAttributes.color.StringValue,Attributes.ApproximateReceiveCount]')"
same "$color $count" "blue 1"
sqs change-message-visibility --queue-url "$jobs" --receipt-handle "$handle" --visibility-timeout 0
read -r handle count <<<"$(sqs receive-message --queue-url "$jobs" --attribute-names ApproximateReceiveCount \
	--query 'Messages[0].[ReceiptHandle,Attributes.ApproximateReceiveCount]')"
same "$count" 2
sqs delete-message --queue-url "$jobs" --receipt-handle "$handle"

# Batches
same "$(sqs send-message-batch --queue-url "$jobs" --query '[length(Successful),Failed[0].Id,Failed[0].Code]' --entries \
	'[{"Id":"0","MessageBody":"job 0"},{"Id":"1","MessageBody":"\b"},{"Id":"2","MessageBody":"job 2"}]' | xargs)" \
	"2 1 InvalidMessageContents"
read -r first second <<<"$(sqs receive-message --queue-url "$jobs" --max-number-of-messages 10 --query 'Messages[].ReceiptHandle')"
same "$(sqs change-message-visibility-batch --queue-url "$jobs" --query 'length(Successful)' --entries \
	"Id=0,ReceiptHandle=$first,VisibilityTimeout=60" "Id=1,ReceiptHandle=$second,VisibilityTimeout=60")" 2
same "$(sqs delete-message-batch --queue-url "$jobs" --query '[length(Successful),Failed[0].Code]' --entries \
	"Id=0,ReceiptHandle=$first" "Id=1,ReceiptHandle=$second" Id=bad,ReceiptHandle=x | xargs)" "2 ReceiptHandleIsInvalid"

# Long polls
began=$SECONDS
same "$(sqs receive-message --queue-url "$jobs" --wait-time-seconds 2)" ""
[ $((SECONDS - began)) -ge 1 ]
sqs send-message --queue-url "$jobs" --message-body late --delay-seconds 2 >/dev/null
began=$SECONDS
same "$(sqs receive-message --queue-url "$jobs" --wait-time-seconds 20 --query 'Messages[0].Body')" late
[ $((SECONDS - began)) -le 10 ]

# FIFO
fifo=$(create jobs.fifo --attributes FifoQueue=true,ContentBasedDeduplication=true)
number=$(sqs send-message --queue-url "$fifo" --message-body 1 --message-group-id g --query SequenceNumber)
same "${#number}" 20
same "$(sqs send-message --queue-url "$fifo" --message-body 1 --message-group-id g --query SequenceNumber)" "$number"
sqs send-message --queue-url "$fifo" --message-body 2 --message-group-id g --message-deduplication-id d2 >/dev/null
same "$(sqs receive-message --queue-url "$fifo" --max-number-of-messages 10 --query 'Messages[].Body' | xargs)" "1 2"
same "$(sqs receive-message --queue-url "$fifo")" ""

# Dead letters
dead=$(create dead)
arn=$(attribute "$dead" QueueArn)
source=$(create source --attributes \
	'{"RedrivePolicy":"{\"deadLetterTargetArn\":\"'"$arn"'\",\"maxReceiveCount\":1}"}')
same "$(sqs list-dead-letter-source-queues --queue-url "$dead" --query queueUrls)" "$source"
sqs send-message-batch --queue-url "$source" --entries Id={1,2,3,4,5,6,7,8},MessageBody=bad >/dev/null
same "$(sqs receive-message --queue-url "$source" --max-number-of-messages 10 --visibility-timeout 0 --query 'length(Messages)')" 8
same "$(sqs receive-message --queue-url "$source")" ""
becomes 8 attribute "$dead" ApproximateNumberOfMessages
same "$(sqs receive-message --queue-url "$dead" --attribute-names All --visibility-timeout 0 \
	--query 'Messages[0].Attributes.DeadLetterQueueSourceArn')" "$(attribute "$source" QueueArn)"

# Move tasks
newest() { sqs list-message-move-tasks --source-arn "$arn" --query 'Results[0].Status'; }
task=$(sqs start-message-move-task --source-arn "$arn" --max-number-of-messages-per-second 1 --query TaskHandle)
same "$(newest)" RUNNING
sqs cancel-message-move-task --task-handle "$task" >/dev/null
becomes CANCELLED newest
fails ${legacy}UnsupportedOperation cancel-message-move-task --task-handle "$task"
sqs start-message-move-task --source-arn "$arn" >/dev/null
becomes COMPLETED newest
same "$(sqs list-message-move-tasks --source-arn "$arn" --max-results 10 --query 'length(Results)')" 2
becomes 8 attribute "$source" ApproximateNumberOfMessages

# Errors
fails ${legacy}NonExistentQueue get-queue-url --queue-name "$SQS_PREFIX-absent"
fails InvalidAttributeName set-queue-attributes --queue-url "$jobs" --attributes Colour=red
fails InvalidAttributeValue set-queue-attributes --queue-url "$jobs" --attributes DelaySeconds=901
fails ReceiptHandleIsInvalid delete-message --queue-url "$jobs" --receipt-handle x
fails InvalidMessageContents send-message --queue-url "$jobs" --message-body $'\b'
fails MissingParameter send-message --queue-url "$jobs" --message-body ""
fails InvalidParameterValue receive-message --queue-url "$jobs" --max-number-of-messages 11
fails OverLimit add-permission --queue-url "$jobs" --label l --aws-account-ids 111111111111 --actions a b c d e f g h
fails ResourceNotFoundException list-message-move-tasks --source-arn "$arn-absent"
fails ${legacy}EmptyBatchRequest send-message-batch --queue-url "$jobs" --entries '[]'
fails ${legacy}BatchEntryIdsNotDistinct send-message-batch --queue-url "$jobs" --entries Id=a,MessageBody=b Id=a,MessageBody=b
fails ${legacy}TooManyEntriesInBatchRequest send-message-batch --queue-url "$jobs" \
	--entries Id={0,1,2,3,4,5,6,7,8,9,10},MessageBody=b
half=$(head -c 600000 /dev/zero | tr '\0' x)
echo '[{"Id":"0","MessageBody":"'"$half"'"},{"Id":"1","MessageBody":"'"$half"'"}]' >long.json
fails ${legacy}BatchRequestTooLong send-message-batch --queue-url "$jobs" --entries file://long.json
fails ${legacy}InvalidBatchEntryId send-message-batch --queue-url "$jobs" --entries Id=!,MessageBody=b

# Strangers, and no leader
AWS_ACCESS_KEY_ID=AKIDSTRANGER fails InvalidClientTokenId list-queues
AWS_SECRET_ACCESS_KEY=wrong fails SignatureDoesNotMatch list-queues
same "$(AWS_ENDPOINT_URL_SQS=$AWS_ENDPOINT_URL_SQS/busy sqs list-queues --query QueueUrls)" None

# Ends
sqs purge-queue --queue-url "$jobs"
same "$(attribute "$jobs" ApproximateNumberOfMessages)" 0
fails ${legacy}PurgeQueueInProgress purge-queue --queue-url "$jobs"
for url in $(sqs list-queues --queue-name-prefix "$SQS_PREFIX" --query QueueUrls); do sqs delete-queue --queue-url "$url"; done
fails ${legacy}QueueDeletedRecently create-queue --queue-name "$SQS_PREFIX-jobs"

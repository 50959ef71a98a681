# The scrip of docs/guide/source-rt.md, as an administrator makes it: scrip.pl ADDRESS SECRET
use strict; use warnings;
use lib '/usr/share/request-tracker5/lib';
use RT -init;

my ($address, $secret) = @ARGV;
my $code = do { local $/; <STDIN> };
$code =~ s/ADDRESS/$address/;
$code =~ s/SECRET/$secret/;
my $scrip = RT::Scrip->new(RT->SystemUser);
my ($ok, $said) = $scrip->Create(Queue => 0, Description => 'Beforehand', ScripCondition => 'On Transaction',
    ScripAction => 'User Defined', Template => 'Blank', Stage => 'TransactionBatch', CustomPrepareCode => 'return 1;',
    CustomCommitCode => $code);
die $said unless $ok;
